// Records that a worker process is alive, so that the API can tell when no worker is. It never keeps a process from
// starting, working or ending.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { indexOf, keyOf } from '../records/job.ts';
import type { Store, Stored } from '../records/store.ts';

/** Time between two beats, and how long a beat counts; milliseconds. */
const beatEvery = 10_000;
const believedFor = 3 * beatEvery;

/** How long the last write may delay the end of the process; milliseconds. */
const goodbyeWithin = 1_000;

/** A worker's last beat. It is indexed by the time until which it counts: the store's, in milliseconds. */
interface Heartbeat {
  readonly pid: number;
  readonly at: number;
}

interface Beating {
  /** Records that this worker has ended. Resolves also when the store can't be reached. */
  stop(): Promise<void>;
}

/** Beats until stopped. Resolves after the first beat, whether it succeeded or not. */
export async function startHeartbeat(store: Store): Promise<Beating> {
  const key = keyOf.worker(randomUUID());
  let last: Stored | undefined;
  let stopped = false;
  const beat = async (): Promise<void> => {
    const { at, records } = await store.read([key]);
    const [was] = records;
    const value: Heartbeat = { pid: process.pid, at };
    const indexes = { [indexOf.workers]: at + believedFor };
    const change = was
      ? ({ op: 'replace', was, value, indexes } as const)
      : ({ op: 'create', key, value, indexes } as const);
    if (stopped) return;
    const committed = await store.commit([change]);
    // Refused because another process' sweep deleted it as expired. The next beat creates it again.
    if (committed.ok) last = committed.written[0];
  };
  // Others report an unreachable store.
  let beating = beat().catch(() => undefined);
  await beating;
  const timer = setInterval(() => {
    beating = beating.then(beat).catch(() => undefined);
  }, beatEvery).unref();
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      const say = async () => {
        await beating;
        if (last) await store.commit([{ op: 'delete', was: last }]).catch(() => undefined);
      };
      await Promise.race([say(), pause(goodbyeWithin, undefined, { ref: false })]);
    },
  };
}

/** Whether a worker process is alive. Rejects when the store can't be reached. */
export async function isAnyWorkerAlive(store: Store, now: number): Promise<boolean> {
  const alive = await store.page(indexOf.workers, { order: 'newest', limit: 1, since: Math.max(0, now) });
  return alive.records.length > 0;
}
