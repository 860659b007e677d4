// Repairs what the queues lost: overdue visits, events that weren't sent, cancellations that weren't handled. It also
// brings starving polls forward and deletes old records. It runs in every worker process and is safe to repeat.
import { announceAgain } from '../queue/announce.ts';
import { speedUp } from '../queue/rate.ts';
import type { Storage } from '../queue/storage.ts';
import { queueOf } from '../queue/names.ts';
import { addAgain, addForDeadline, bringForward, deadlineNear, wake } from '../queue/wake.ts';
import { type CancelFlag, type DueJob, type JobRecord, indexOf, isEnded, readJob, keyOf } from '../records/job.ts';
import type { Change, Store, Stored } from '../records/store.ts';
import { indexPages } from '../records/walk-index.ts';
import type { Dependencies } from './visit-context.ts';

interface SweepSettings {
  readonly storage: Storage;
  readonly deps: Pick<Dependencies, 'operationOf' | 'log' | 'events'>;
  /** All work queues with their configured visits per second. */
  readonly queues: readonly { readonly name: string; readonly rate: number }[];
  readonly keepMs: number;
  /** Called after every complete sweep. */
  readonly onSwept?: (found: Found) => void;
}

/** What one sweep found. */
export interface Found {
  added: number;
  broughtForward: number;
  announced: number;
  dropped: number;
}

/** A visit this much past its due time is overdue, and so is an event this long after its job's end; milliseconds. */
const overdueAfter = 2_000;
/** A poll this much past its due time is brought forward; milliseconds. */
const starvingAfter = 5_000;
/** The share of a queue's budget for polls that are brought forward. */
const shareForAged = 0.3;
const page = 200;

/** Time between two sweeps; milliseconds. */
const sweepEvery = 3_000;

/** Sweeps once. */
export async function sweep(settings: SweepSettings): Promise<Found> {
  const found: Found = { added: 0, broughtForward: 0, announced: 0, dropped: 0 };
  const { store } = settings.storage;
  const { at } = await store.read([]);
  // First: it makes room where the store's memory is full, and all that follows writes.
  await dropOld(store, at - settings.keepMs, at, found);
  await sweepDue(settings, at, found);
  await sweepLines(settings, at);
  if (settings.deps.events) await sweepEvents(settings, at, found);
  await sweepCancels(settings, at);
  for (const { name, rate } of settings.queues) await speedUp(store, settings.storage.queue(name), rate);
  settings.onSwept?.(found);
  if (found.added + found.announced > 0) settings.deps.log.info(found, 'sweep');
  return found;
}

async function sweepDue({ storage, deps, queues }: SweepSettings, at: number, found: Found): Promise<void> {
  const left = new Map(queues.map(({ name, rate }) => [name, Math.max(1, rate * shareForAged * (sweepEvery / 1_000))]));
  await walk<DueJob>(storage.store, indexOf.due, at - overdueAfter, async (records) => {
    const names = new Set(records.map(({ value }) => queueNameOf(deps, value)));
    for (const name of names) {
      const jobs = records.map(({ value }) => value).filter((job) => queueNameOf(deps, job) === name);
      const whereabouts = await storage.whereabouts(
        name,
        jobs.map(({ id }) => id),
      );
      for (const [index, job] of jobs.entries()) {
        const where = whereabouts[index] ?? 'absent';
        const budget = left.get(name) ?? 0;
        if (where !== 'there') {
          await addAgain(storage.queue(name), job, where);
          found.added += 1;
        } else if (budget >= 1 && at - job.dueAt > starvingAfter) {
          left.set(name, budget - 1);
          await bringForward(storage.queue(name), job);
          found.broughtForward += 1;
        }
      }
    }
  });
}

/** Queues the jobs in line whose deadline is near; until then they are in no queue. */
async function sweepLines({ storage, deps }: SweepSettings, at: number): Promise<void> {
  await walk<JobRecord>(storage.store, indexOf.inLine, at + deadlineNear, async (records) => {
    for (const { value } of records) await addForDeadline(storage.queue(queueNameOf(deps, value)), value, at);
  });
}

async function sweepEvents({ storage }: SweepSettings, at: number, found: Found): Promise<void> {
  await walk<JobRecord>(storage.store, indexOf.events, at - overdueAfter, async (records) => {
    found.announced += await announceAgain(
      storage,
      records.map(({ value }) => value),
    );
  });
}

/** Handles the flags whose job wasn't made due, or has ended meanwhile. */
async function sweepCancels({ storage, deps }: SweepSettings, at: number): Promise<void> {
  await walk<CancelFlag>(storage.store, indexOf.cancels, at - overdueAfter, async (flags) => {
    for (const flag of flags) {
      const { job } = await readJob(storage.store, flag.value.job);
      if (job === undefined || isEnded(job.value)) await storage.store.commit([{ op: 'delete', was: flag }]);
      else await wake(storage, job.value, deps.operationOf(job.value.operation) ?? anyOperation);
    }
  });
}

/** Any queue of the target will do: a worker ends every job whose operation no longer exists. */
const anyOperation = { api: 'neptune' } as const;

function queueNameOf(deps: Pick<Dependencies, 'operationOf'>, job: JobRecord): string {
  return queueOf(job.target, (deps.operationOf(job.operation) ?? anyOperation).api);
}

/** Deletes ended jobs and idempotency keys after their retention, and expired sessions and heartbeats. */
async function dropOld(store: Store, before: number, at: number, found: Found): Promise<void> {
  const drop = async (records: readonly Stored[]) => {
    const changes = records.map((was): Change => ({ op: 'delete', was }));
    if (changes.length > 0 && (await store.commit(changes)).ok) found.dropped += changes.length;
    // One of them has changed meanwhile, so each is deleted by itself.
    else for (const change of changes) if ((await store.commit([change])).ok) found.dropped += 1;
  };
  for (const index of [indexOf.over, indexOf.history]) await walk(store, index, before, drop);
  for (const index of [indexOf.sessions, indexOf.workers]) await walk(store, index, at, drop);
  // An idempotency key is kept as long as its job.
  await walk<{ job: string }>(store, indexOf.idempotency, before, async (keys) => {
    const { records } = await store.read(keys.map(({ value }) => keyOf.job(value.job)));
    await drop(keys.filter((_, index) => records[index] === undefined));
  });
}

/** Reads an index up to a time, page by page, and prunes stale entries. */
async function walk<Value>(
  store: Store,
  index: string,
  until: number,
  visit: (records: readonly Stored<Value>[]) => Promise<void>,
): Promise<void> {
  const request = { order: 'oldest', limit: page, until: Math.max(0, until) } as const;
  for await (const { records, stale } of indexPages<Value>(store, index, request)) {
    if (stale.length > 0) await store.prune(index, stale);
    if (records.length > 0) await visit(records);
  }
}

/** Sweeps repeatedly, one sweep at a time, until stopped. */
export function startSweep(settings: SweepSettings): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const round = async () => {
    try {
      await sweep(settings);
    } catch (error) {
      settings.storage.outage.met(error as Error, {}, 'sweep broken off');
    }
    if (!stopped) timer = setTimeout(begin, sweepEvery * (0.75 + Math.random() / 2));
  };
  const begin = () => {
    running = round();
  };
  begin();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
