// Produces the ticks with BullMQ's job scheduler, one series for all processes on a store. Every tick reconciles
// everything, so a lost tick only delays it by one interval.
import type { Job, Queue, Worker } from 'bullmq';
import { schedulesQueue } from '../queue/names.ts';
import type { Storage } from '../queue/storage.ts';
import { createMemory, reconcile } from './reconcile/reconcile.ts';
import type { ScheduleDependencies } from './dependencies.ts';

const scheduler = 'every-tick';

/** Schedules ticks and runs them until stopped. */
export function startTicks(storage: Storage, deps: ScheduleDependencies): { stop(): Promise<void> } {
  const { tickMs } = deps;
  const queue = storage.queue(schedulesQueue);
  const memory = createMemory();
  const tick = async (_job: Job): Promise<string> => {
    const began = performance.now();
    await reconcile(deps, memory);
    return `took ${Math.round(performance.now() - began)} ms`;
  };
  // The next tick makes up for one that fails.
  const worker: Worker = storage.worker(schedulesQueue, tick, {
    concurrency: 1,
    lockDuration: hangs,
    maxStalledCount: 1_000,
  });
  worker.on('error', (error) => storage.outage.met(error, { queue: schedulesQueue }, 'worker'));
  worker.on('failed', (_job, error) => storage.outage.met(error, {}, 'a tick of the schedules was broken off'));
  // Repeated, because a queue may be wiped.
  const ensure = () =>
    void ensureScheduler(queue, tickMs).catch((error: Error) =>
      storage.outage.met(error, {}, 'the ticks of the schedules'),
    );
  const timer = setInterval(ensure, Math.max(1_000, tickMs)).unref();
  ensure();
  return {
    async stop() {
      clearInterval(timer);
      await worker.close();
      await Promise.allSettled(memory.underWay.values());
    },
  };
}

/** A tick that hangs for this long, in milliseconds, is taken over by another process. */
const hangs = 60_000;

const kept = { removeOnComplete: { count: 20 }, removeOnFail: { count: 100 } };

async function ensureScheduler(queue: Queue, every: number): Promise<void> {
  const known = await queue.getJobScheduler(scheduler);
  // It comes no further while a tick hangs, and is made again only when none can.
  const isAlive = known?.every === every && (known.next ?? 0) > Date.now() - Math.max(5 * every, hangs);
  if (!isAlive) await queue.upsertJobScheduler(scheduler, { every }, { name: 'look at all resources', opts: kept });
}

/** Removes the ticks when there is no schedules file any more. */
export async function stopTicks(storage: Storage): Promise<void> {
  await storage.queue(schedulesQueue).removeJobScheduler(scheduler);
}

/** A tick right away, for what somebody said is written and should be acted on soon. Never rejects: the next tick sees it too. */
export async function tickSoon(storage: Storage): Promise<void> {
  await storage
    .queue(schedulesQueue)
    .add('look at all resources now', {}, kept)
    .catch(() => undefined);
}
