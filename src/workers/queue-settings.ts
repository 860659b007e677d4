// How every worker holds its jobs. A job's deaths are counted in its record, never by the queue's own counter, which is
// never reset: a watch of many hours would fail on its second crash.
import type { WorkSettings } from '../queue/storage.ts';

/** How long a lock holds without being renewed, in milliseconds: what a crash costs before another worker takes over. */
export const lockDuration = 5_000;

export function workerSettings(concurrency: number): WorkSettings {
  return {
    concurrency,
    lockDuration,
    stalledInterval: 2_000,
    maxStalledCount: 1_000_000,
    runRetryDelay: 500,
    maximumRateLimitDelay: 1_000,
  };
}
