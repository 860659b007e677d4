// Limits the live jobs and idempotency keys of each caller, so that nobody fills the store. A count is at most a second
// old while there is room, and fresh before anybody is refused. Another process may exceed the limit by what it accepts
// in that second.
import type { Config } from '../config.ts';
import { ServiceError } from '../errors.ts';
import { indexOf } from '../records/job.ts';
import type { Store } from '../records/store.ts';

export type AskerLimits = Pick<Config, 'NEPTUNE_OPS_JOBS_PER_KEY' | 'NEPTUNE_OPS_IDEMPOTENCY_KEYS_PER_KEY'>;

/**
 * The refusals when there is no room. They apply only to new entries: an equal job or a known key is found all the
 * same.
 */
export interface Room {
  readonly noJob?: ServiceError;
  readonly noKey?: ServiceError;
  /** Call it once the request has succeeded or failed. */
  giveBack(): void;
}

/** How long a count is used; milliseconds. */
const believed = 1_000;

interface Count {
  /** The store's count, plus what was admitted since. */
  entries: number;
  /** Admitted, and perhaps not stored yet. */
  underWay: number;
  at: number;
  counting: Promise<void> | undefined;
}

const known = new WeakMap<Store, Map<string, Count>>();

/** Schedules and store clients belong to the operator, and have no limits. */
const bounded = /^(key|session):|^loopback$/;

/** Takes room for one more job, and for one more idempotency key if one is sent. Rejects with the store's errors. */
export async function takeRoom(
  store: Store,
  limits: Partial<AskerLimits>,
  by: string | undefined,
  withKey: boolean,
): Promise<Room> {
  const taken: Count[] = [];
  const giveBack = () => taken.splice(0).forEach((count) => (count.underWay -= 1));
  if (by === undefined || !bounded.test(by)) return { giveBack };
  const { NEPTUNE_OPS_JOBS_PER_KEY: jobs, NEPTUNE_OPS_IDEMPOTENCY_KEYS_PER_KEY: keys } = limits;
  const isFull = async (index: string, most: number): Promise<boolean> => {
    const count = countOf(store, index);
    if (performance.now() - count.at >= believed || count.entries >= most) {
      await (count.counting ??= recount(store, index, count));
    }
    if (count.entries >= most) return true;
    count.entries += 1;
    count.underWay += 1;
    taken.push(count);
    return false;
  };
  const noJob = jobs !== undefined && (await isFull(indexOf.live(by), jobs));
  const noKey = withKey && keys !== undefined && (await isFull(indexOf.idempotencyOf(by), keys));
  return { ...(noJob ? { noJob: tooManyJobs(jobs) } : {}), ...(noKey ? { noKey: tooManyKeys(keys) } : {}), giveBack };
}

function countOf(store: Store, index: string): Count {
  const counts = known.get(store) ?? new Map<string, Count>();
  known.set(store, counts);
  const count = counts.get(index) ?? { entries: 0, underWay: 0, at: -Infinity, counting: undefined };
  counts.set(index, count);
  return count;
}

async function recount(store: Store, index: string, count: Count): Promise<void> {
  try {
    const stored = await store.count(index);
    count.entries = stored + count.underWay;
    count.at = performance.now();
  } finally {
    count.counting = undefined;
  }
}

function tooManyJobs(most: number): ServiceError {
  return new ServiceError(
    'too-many-jobs',
    `This caller has ${most} jobs that have not ended, which is the most (NEPTUNE_OPS_JOBS_PER_KEY). Wait for some to end, or cancel them.`,
  );
}

function tooManyKeys(most: number): ServiceError {
  return new ServiceError(
    'too-many-jobs',
    `This caller has ${most} idempotency keys, which is the most (NEPTUNE_OPS_IDEMPOTENCY_KEYS_PER_KEY). Each is forgotten NEPTUNE_OPS_KEEP_DAYS after its job's end. Until then ask without one.`,
  );
}
