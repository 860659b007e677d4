// Waits for a job's end. It asks the service to hold its answer back, and polls where the service doesn't.
import { setTimeout as pause } from 'node:timers/promises';
import type { OperationName } from '../handlers/index.ts';
import type { WaitOptions } from './client.ts';
import { NeptuneOpsError } from './errors.ts';
import type { EndedJob, Job } from './job.ts';

/**
 * Reads the job; the service may hold the answer back up to `waitSeconds` (0: not at all) while the job runs. `waited`
 * says whether it did.
 */
export type Look<Name extends OperationName> = (
  waitSeconds: number,
  signal: AbortSignal | undefined,
) => Promise<{ readonly job: Job<Name>; readonly waited: boolean }>;

const longestWait = 60;
/** The wait where the caller wants progress; seconds. */
const shortWait = 2;
const firstPause = 200;
const longestPause = 2_000;
/** The longest time a timer takes, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** The job once it has ended. Rejects with `wait-timed-out`, the signal's reason, or the error of `look`. */
export async function untilEnded<Name extends OperationName>(
  id: string,
  { timeoutMs = Infinity, signal: given, onProgress }: WaitOptions,
  look: Look<Name>,
): Promise<EndedJob<Name>> {
  const end = performance.now() + timeoutMs;
  const timeout = timeoutMs < longestTimer ? AbortSignal.timeout(Math.max(0, timeoutMs)) : undefined;
  const signal = given && timeout ? AbortSignal.any([given, timeout]) : (given ?? timeout);
  try {
    // With `onProgress`, the first answer comes at once.
    let waitSeconds = onProgress ? 0 : longestWait;
    for (let between = firstPause; ; between = Math.min(between * 1.5, longestPause)) {
      const left = Math.max(1, Math.ceil((end - performance.now()) / 1_000));
      const { job, waited } = await look(Math.min(left, waitSeconds), signal);
      waitSeconds = onProgress ? shortWait : longestWait;
      onProgress?.(job);
      if (hasEnded(job)) return job;
      if (!waited) await pause(between, undefined, signal ? { signal } : {});
    }
  } catch (error) {
    given?.throwIfAborted();
    if (!timeout?.aborted) throw error;
    throw new NeptuneOpsError('wait-timed-out', `The job ${id} has not ended within ${timeoutMs} ms. It goes on.`);
  }
}

function hasEnded<Name extends OperationName>(job: Job<Name>): job is Job<Name> & EndedJob<Name> {
  return job.outcome !== null;
}
