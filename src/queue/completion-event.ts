// Makes the CloudEvent that announces a job's end. It is made from the record alone, so that sending it twice sends the
// same event.
import { CloudEvent } from 'cloudevents';
import { jobJson } from '../records/job-json.ts';
import { type JobRecord, ended } from '../records/job.ts';
import { isTracing } from '../tracing/trace.ts';

/** SQS allows 1,048,576 bytes per message and per batch, attributes included. */
export const largestMessage = 1_000_000;

export interface EventMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: {
    readonly type: string;
    readonly operation: string;
    readonly resource: string;
    readonly traceparent?: string;
  };
  readonly group: string;
}

/** The event of an ended job. One that is too large for SQS is sent without its result, and says so. */
export function completionEvent(job: JobRecord, source: string): EventMessage {
  // The job's trace, not the try's, so that a repeated event is the same.
  const traced = isTracing() && job.trace !== undefined ? { traceparent: job.trace } : {};
  const type = `neptune-ops.job.${job.state}`;
  // SQS refuses two characters that JSON doesn't escape.
  const body = (data: object) =>
    JSON.stringify(
      new CloudEvent({
        id: job.id,
        source,
        type,
        subject: job.resource,
        time: new Date(ended(job)?.finishedAt ?? job.createdAt).toISOString(),
        datacontenttype: 'application/json',
        ...traced,
        data,
      }).toJSON(),
    ).replace(/[\uFFFE\uFFFF]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16)}`);
  const data = jobJson(job);
  let text = body(data);
  if (Buffer.byteLength(text) > largestMessage) {
    const note = 'left out: too large for SQS; ask the API for the job';
    text = body({ ...data, outcome: { ...data.outcome, result: { note } } });
  }
  return {
    id: job.id,
    body: text,
    attributes: { type, operation: job.operation, resource: job.resource, ...traced },
    group: job.resource,
  };
}
