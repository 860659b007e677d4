// Waiting for a job's end: the service is asked to hold its answer back, and where it doesn't, asked again and again. What
// passes by itself ends no wait: a restart, a proxy that cuts what is idle, a service that is busy.
import { setTimeout as pause } from 'node:timers/promises';
import type { OperationName } from '../handlers/index.ts';
import type { WaitOptions } from './client.ts';
import { NeptuneOpsError } from './errors.ts';
import type { EndedJob, Job } from './job.ts';
import { passes, pauseAfter } from './retry.ts';

/** The job as it is, held back up to `waitSeconds` (0: at once) while it runs; `waited` says whether it was. Asked once. */
type Look<Name extends OperationName> = (
  waitSeconds: number,
  signal: AbortSignal | undefined,
) => Promise<{ readonly job: Job<Name>; readonly waited: boolean }>;

/** Load balancers cut what was idle for a minute, or for half of one. */
const longestWait = 20;
/** The wait where the caller wants progress; seconds. */
const shortWait = 2;
const firstPause = 200;
const longestPause = 2_000;
/** An answer that came sooner was not held back, whatever it says; milliseconds. */
const leastHeld = 500;
/** The longest time a timer takes, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

/**
 * The job once it has ended. Goes on until the caller's time is up. Rejects with `wait-timed-out`, the signal's reason, or
 * what `look` rejects with and doesn't pass by itself; also with that, where no time was given, once there was no answer at
 * all for `forMs` (milliseconds) from the beginning.
 */
export async function untilEnded<Name extends OperationName>(
  id: string,
  { timeoutMs = Infinity, signal: given, onProgress, onTrouble }: WaitOptions,
  forMs: number,
  look: Look<Name>,
): Promise<EndedJob<Name>> {
  const began = performance.now();
  const end = began + timeoutMs;
  const timeout = timeoutMs < longestTimer ? AbortSignal.timeout(Math.max(0, timeoutMs)) : undefined;
  const signal = given && timeout ? AbortSignal.any([given, timeout]) : (given ?? timeout);
  const rest = (milliseconds: number) => pause(milliseconds, undefined, signal ? { signal } : {});
  const longest = onProgress ? shortWait : longestWait;
  let most = longest;
  // At once first: whoever waits through a restart is told from whoever waits at a wrong address.
  let isHeld = false;
  let between = firstPause;
  let failures = 0;
  let wasAnswered = false;
  let trouble: NeptuneOpsError | undefined;
  try {
    for (;;) {
      const left = Math.max(1, Math.ceil((end - performance.now()) / 1_000));
      const asked = performance.now();
      try {
        const { job, waited } = await look(isHeld ? Math.min(left, most) : 0, signal);
        [wasAnswered, failures] = [true, 0];
        onProgress?.(job);
        if (hasEnded(job)) return job;
        const wasHeld = waited && performance.now() - asked >= leastHeld;
        if (wasHeld) most = Math.min(longest, most + 1);
        else if (isHeld) {
          await rest(between);
          between = Math.min(between * 1.5, longestPause);
        }
        isHeld = true;
      } catch (error) {
        if (signal?.aborted || !passesBetween(error, wasAnswered)) throw error;
        const wait = pauseAfter(error, failures);
        const isHopeless = timeoutMs === Infinity && !wasAnswered && performance.now() + wait > began + forMs;
        if (isHopeless) throw error;
        trouble = error;
        onTrouble?.(error);
        // Something between may cut what is held back for so long; and where there is no room to wait there is room to look.
        if (isHeld && error.code !== 'too-many-waits') most = Math.max(1, Math.floor(most / 2));
        isHeld = false;
        failures += 1;
        await rest(wait);
      }
    }
  } catch (error) {
    given?.throwIfAborted();
    if (!timeout?.aborted) throw error;
    throw new NeptuneOpsError('wait-timed-out', `The job ${id} has not ended within ${timeoutMs} ms. It goes on.`, {
      cause: trouble,
    });
  }
}

/** An answer that is not of neptune-ops comes from something between, where neptune-ops has answered before or a gateway fails. */
function passesBetween(error: unknown, wasAnswered: boolean): error is NeptuneOpsError {
  if (passes(error)) return true;
  const isOthers = error instanceof NeptuneOpsError && error.code === 'unexpected-answer';
  return isOthers && (wasAnswered || (error.status ?? 0) >= 500);
}

function hasEnded<Name extends OperationName>(job: Job<Name>): job is Job<Name> & EndedJob<Name> {
  return job.outcome !== null;
}
