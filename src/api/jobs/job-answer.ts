// The job as the API returns it.
import { type JobJson, jobJson } from '../../records/job-json.ts';
import { type JobRecord, isEnded } from '../../records/job.ts';

interface JobAnswer extends JobJson {
  readonly links: {
    readonly self: string;
    readonly events: string;
    readonly operation: string;
    readonly cancel?: string;
  };
}

export function linkTo({ id }: Pick<JobRecord, 'id'>, basePath: string): string {
  return `${basePath}/v1/jobs/${id}`;
}

export function jobAnswer(job: JobRecord, basePath: string): JobAnswer {
  const self = linkTo(job, basePath);
  const cancel = isEnded(job) ? {} : { cancel: self };
  return {
    ...jobJson(job),
    links: { self, events: `${self}/events`, operation: `${basePath}/v1/operations/${job.operation}`, ...cancel },
  };
}
