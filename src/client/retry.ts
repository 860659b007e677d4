// Doing again what failed in a way that passes: exponential backoff with full jitter, never sooner than the service asks.
// Only for what is harmless to repeat.
import { setTimeout as pause } from 'node:timers/promises';
import { NeptuneOpsError } from './errors.ts';

export interface Patience {
  /** How long to go on from the first try, in milliseconds; 0 means one try. */
  readonly forMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The first pause is up to this long, and each next up to twice as long, in milliseconds. */
const firstPause = 100;
const longestPause = 5_000;

/** What `deed` resolves with, or its last error once patience or hope is gone. */
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
