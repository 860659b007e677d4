// Slows a worker down while the store refuses what it asks for: out of memory, read-only, no permission. BullMQ alone would
// ask again at once, thousands of times a second. It must never keep a worker from closing.
import type { Worker } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';

/** After the first refusal, and at most; milliseconds. */
const shortest = 100;
const longest = 2_000;

/** Slows down both ways in which the worker asks for its next job; BullMQ takes an error of either as “no job”. */
export function brake(worker: Worker): Worker {
  const backend = worker.getBackend();
  const closing = new AbortController();
  worker.once('closing', () => closing.abort());
  const braked = <Given extends unknown[], Answer>(ask: (...given: Given) => Promise<Answer>) => {
    let refusals = 0;
    return async (...given: Given): Promise<Answer> => {
      try {
        const answer = await ask(...given);
        refusals = 0;
        return answer;
      } catch (error) {
        const wait = Math.min(longest, shortest * 2 ** Math.min(refusals, 10));
        refusals += 1;
        await pause(wait, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
        throw error;
      }
    };
  };
  backend.moveToActive = braked(backend.moveToActive.bind(backend));
  backend.waitForJob = braked(backend.waitForJob.bind(backend));
  return worker;
}
