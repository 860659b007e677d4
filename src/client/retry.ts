// Retries requests that are safe to repeat after failures that may pass: exponential back-off with full jitter, never
// sooner than the service asks.
import { setTimeout as pause } from 'node:timers/promises';
import { NeptuneOpsError } from './errors.ts';

interface Patience {
  /** Time from the first try after which it gives up; milliseconds. 0 means one try. */
  readonly forMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The longest first pause; each next one may be twice as long. Milliseconds. */
const firstPause = 100;
const longestPause = 5_000;

/** Resolves with what `deed` resolves with. Rejects with its last error when the time is up or no retry can help. */
export async function retry<Answer>(deed: () => Promise<Answer>, { forMs, signal }: Patience): Promise<Answer> {
  const end = performance.now() + forMs;
  for (let tries = 0; ; tries += 1) {
    try {
      return await deed();
    } catch (error) {
      if (!passes(error)) throw error;
      const wait = pauseAfter(error, tries);
      if (performance.now() + wait > end) throw error;
      await pause(wait, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
    }
  }
}

/** How long to leave it alone after so many failures before this one, in milliseconds. */
export function pauseAfter({ retryAfterMs = 0 }: NeptuneOpsError, failures: number): number {
  return retryAfterMs + Math.random() * Math.min(longestPause, firstPause * 2 ** failures);
}

/** Whether it passes by itself. */
export function passes(error: unknown): error is NeptuneOpsError {
  return (
    error instanceof NeptuneOpsError &&
    (error.code === 'unreachable' || [429, 502, 503, 504].includes(error.status ?? 0))
  );
}
