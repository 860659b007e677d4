// Slows a worker down while the store refuses its requests: out of memory, read-only, no permission. BullMQ alone would
// repeat them thousands of times a second. The brake never keeps a worker from closing.
import { setTimeout as timeout } from 'node:timers/promises';
import type { Worker } from 'bullmq';

/** The wait after the first refusal, and the longest one; milliseconds. */
const shortest = 100;
const longest = 2_000;

type Wait = (milliseconds: number, isOver: AbortSignal) => Promise<unknown>;

const pause: Wait = (milliseconds, signal) =>
  timeout(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);

/**
 * Slows down both ways in which the worker asks for its next job, because BullMQ takes an error of either as “no job”.
 * Returns the worker. Tests pass `wait`.
 */
export function brake<Braked extends Pick<Worker, 'getBackend' | 'once'>>(worker: Braked, wait = pause): Braked {
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
        refusals += 1;
        await wait(Math.min(longest, shortest * 2 ** (refusals - 1)), closing.signal);
        throw error;
      }
    };
  };
  backend.moveToActive = braked(backend.moveToActive.bind(backend));
  backend.waitForJob = braked(backend.waitForJob.bind(backend));
  return worker;
}
