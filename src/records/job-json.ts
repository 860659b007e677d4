// The job as JSON, for the API's answers and the completion events.
import type { Json, JsonObject } from '../operation.ts';
import { type EventState, type JobRecord, type JobState, type Outcome, ended } from './job.ts';

/** Times are ISO 8601. A value that isn't known yet is `null`. */
export interface JobJson {
  readonly id: string;
  readonly operation: string;
  readonly target: string;
  readonly resource: string;
  readonly input: JsonObject;
  /** Who asked first: `key:<id>`, `session:<key id>`, `schedule:<name>`, `loopback` or `store`; `null` of older jobs. */
  readonly by: string | null;
  /** The id of the job that this one repeats; absent if it repeats none. */
  readonly retryOf?: string;
  readonly state: JobState;
  readonly event: EventState | null;
  readonly progress: Json;
  readonly outcome: Outcome | null;
  /** The status that AWS last reported for the resource that the job follows. */
  readonly status: string | null;
  /** Why the job waits, or why it ended as it did, where that is known. */
  readonly reason: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly deadline: string;
  readonly polls: number;
}

export function jobJson(job: JobRecord): JobJson {
  const end = ended(job);
  return {
    id: job.id,
    operation: job.operation,
    target: job.target,
    resource: job.resource,
    input: job.input,
    by: job.by ?? null,
    ...(job.retryOf === undefined ? {} : { retryOf: job.retryOf }),
    state: job.state,
    event: end?.event ?? null,
    progress: job.progress ?? null,
    outcome: end?.outcome ?? null,
    status: job.status ?? null,
    reason: (end ? undefined : job.reason) ?? null,
    createdAt: iso(job.createdAt),
    startedAt: job.startedAt === undefined ? null : iso(job.startedAt),
    finishedAt: end?.finishedAt === undefined ? null : iso(end.finishedAt),
    deadline: iso(job.deadline),
    polls: job.polls,
  };
}

/** How far the job is by AWS's word, in whole percent, and 100 once it has succeeded; nothing where AWS doesn't say. */
export function percentOf({
  state,
  progress,
}: {
  readonly state: JobState;
  readonly progress?: Json;
}): number | undefined {
  const percent = (progress as { readonly percent?: unknown } | null | undefined)?.percent;
  if (typeof percent !== 'number') return undefined;
  return state === 'succeeded' ? 100 : Math.round(percent);
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
