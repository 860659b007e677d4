// Lists jobs, newest first. It pages through the index that fits the filters best and applies the other filters to each
// page.
import { type JobRecord, type JobState, indexOf } from './job.ts';
import { type Cursor, type Store, cursorOf } from './store.ts';
import { indexPages } from './walk-index.ts';

export interface JobListFilter {
  readonly operation?: string | undefined;
  readonly state?: JobState | undefined;
  readonly resource?: string | undefined;
  /** Who asked; there is no index of it, so that of a rare one pages are short. */
  readonly by?: string | undefined;
  /** Creation times in milliseconds; both bounds are included. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

const pageSize = 200;
/** Bounds the work of a request for a rare combination of filters. The answer is then a short page with a cursor. */
const mostPages = 5;

/** Up to `limit` jobs, and the cursor of the next page. A page may be short or empty although more jobs follow. */
export async function listJobs(
  store: Store,
  { operation, state, resource, by, since, until }: JobListFilter,
  limit: number,
  cursor?: Cursor,
  visible: (job: JobRecord) => boolean = () => true,
): Promise<{ jobs: JobRecord[]; next?: Cursor }> {
  const index =
    resource !== undefined
      ? indexOf.resource(resource)
      : state !== undefined
        ? indexOf.state(state)
        : operation !== undefined
          ? indexOf.operation(operation)
          : indexOf.jobs;
  const wanted = (job: JobRecord) =>
    (operation === undefined || job.operation === operation) &&
    (state === undefined || job.state === state) &&
    (by === undefined || job.by === by);
  const sifts = by !== undefined || [operation, state, resource].filter((part) => part !== undefined).length > 1;
  const jobs: JobRecord[] = [];
  const request = {
    order: 'newest',
    limit: sifts ? pageSize : limit,
    ...(cursor === undefined ? {} : { after: cursor }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  } as const;
  let pages = 0;
  for await (const { records, next } of indexPages<JobRecord>(store, index, request)) {
    for (const { value: job, key } of records) {
      if (wanted(job) && visible(job)) jobs.push(job);
      if (jobs.length === limit) return { jobs, next: cursorOf(job.createdAt, key) };
    }
    pages += 1;
    if (pages === mostPages && next !== undefined) return { jobs, next };
  }
  return { jobs };
}
