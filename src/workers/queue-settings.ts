// BullMQ's settings for every worker. Worker deaths are counted in the record, because BullMQ never resets its own
// counter: a job of many hours would fail at the second crash.
import type { WorkSettings } from '../queue/storage.ts';

/**
 * How long a lock lasts without being renewed; milliseconds. After a crash, another worker takes over this much later.
 */
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
