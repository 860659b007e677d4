// That a worker process lives: a record that it writes again and again, so that the door can tell that nobody works. It must
// never keep a process from starting, working or ending.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { indexOf, keyOf } from '../records/job.ts';
import type { Store, Stored } from '../records/store.ts';

/** Between two beats, and how long one is believed; milliseconds. */
const beatEvery = 10_000;
const believedFor = 3 * beatEvery;

/** A store that doesn't answer may not keep a process from ending, in milliseconds. */
const goodbyeWithin = 1_000;

/** A worker's last sign of life; the record is in its index by the time (the store's, in milliseconds) it is believed until. */
interface Heartbeat {
  readonly pid: number;
  readonly at: number;
}

interface Beating {
  /** Says that this worker has ended. Resolves also when the store can't be reached. */
  stop(): Promise<void>;
}

/** Beats until stopped; resolves after the first beat, whatever came of it. */
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
    // Refused: the sweep of another process took it for dead. The next beat makes it anew.
    if (committed.ok) last = committed.written[0];
  };
  // What a store that is gone means is told by others.
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

/** Whether any worker process gave a sign of life lately. Rejects when the store can't be reached. */
export async function isAnyWorkerAlive(store: Store, now: number): Promise<boolean> {
  const alive = await store.page(indexOf.workers, { order: 'newest', limit: 1, since: Math.max(0, now) });
  return alive.records.length > 0;
}
