// The job as the API returns it.
import { type JobJson, jobJson } from '../../records/job-json.ts';
import { type JobRecord, isEnded } from '../../records/job.ts';

export interface JobAnswer extends JobJson {
  readonly links: {
    readonly self: string;
    readonly events: string;
    readonly operation: string;
    readonly cancel?: string;
  };
}

export function linkTo({ id }: Pick<JobRecord, 'id'>): string {
  return `/v1/jobs/${id}`;
}

export function jobAnswer(job: JobRecord): JobAnswer {
  const self = linkTo(job);
  const cancel = isEnded(job) ? {} : { cancel: self };
  return {
    ...jobJson(job),
    links: { self, events: `${self}/events`, operation: `/v1/operations/${job.operation}`, ...cancel },
  };
}
