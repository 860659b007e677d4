// Limits each queue's visits per second by a rate in a record, shared by every worker of every process. The rate is
// halved when AWS throttles and raised step by step while it doesn't. Only this file sets a queue's limit.
import type { Queue } from 'bullmq';
import type { Config } from '../config.ts';
import type { Api } from '../operation.ts';
import { keyOf } from '../records/job.ts';
import type { Store, Stored } from '../records/store.ts';

/** `rate` is in visits per second. `changedAt` is the store's time in milliseconds. */
export interface RateRecord {
  readonly configured: number;
  readonly rate: number;
  readonly changedAt: number;
}

const slowest = 0.2;
/** Throttling within this time counts as one burst; milliseconds. */
const oneBurst = 2_000;
const raiseEvery = 5_000;
const raiseBy = 0.1;
/** How long a throttled queue stops at once; milliseconds. */
const standstill = 1_000;

/** The configured visits per second of each API's queues. */
export function ratesOf(config: Config): Record<Api, number> {
  return {
    neptune: config.NEPTUNE_OPS_RATE_NEPTUNE,
    'neptune-graph': config.NEPTUNE_OPS_RATE_NEPTUNE_GRAPH,
    neptunedata: config.NEPTUNE_OPS_RATE_NEPTUNEDATA,
  };
}

/** Sets the queue's limit to the recorded rate, or to the configured one. Called when a worker starts. */
export async function applyRate(store: Store, queue: Queue, configured: number): Promise<number> {
  const { rate } = await readRate(store, queue.name, configured);
  await setLimit(queue, rate);
  return rate;
}

/**
 * Halves the rate for all workers and stops the queue for a moment, because AWS throttled. Returns the rate now in
 * force.
 */
export async function slowDown(store: Store, queue: Queue, configured: number): Promise<number> {
  const { at, known, rate: before } = await readRate(store, queue.name, configured);
  if (known && before < configured && at - known.value.changedAt < oneBurst) return before;
  const rate = Math.max(slowest, before / 2);
  if (await writeRate(store, queue.name, known, { configured, rate, changedAt: at })) {
    await setLimit(queue, rate);
    await queue.rateLimit(standstill);
  }
  return rate;
}

/**
 * Raises the rate by one step, if the last change is long enough ago. Every process' sweep calls it; one of them
 * succeeds. It sets the limit in any case, because a queue that was wiped has none.
 */
export async function speedUp(store: Store, queue: Queue, configured: number): Promise<number> {
  const { at, known, rate: before } = await readRate(store, queue.name, configured);
  let rate = before;
  if (known && rate < configured && at - known.value.changedAt >= raiseEvery) {
    const raised = Math.min(configured, rate + configured * raiseBy);
    if (await writeRate(store, queue.name, known, { configured, rate: raised, changedAt: at })) rate = raised;
  }
  await setLimit(queue, rate);
  return rate;
}

/** `rate` is the one in force. A rate that was learned under another configured rate is ignored. */
async function readRate(
  store: Store,
  queue: string,
  configured: number,
): Promise<{ at: number; known: Stored<RateRecord> | undefined; rate: number }> {
  const { at, records } = await store.read([keyOf.rate(queue)]);
  const known = records[0] as Stored<RateRecord> | undefined;
  return { at, known, rate: known?.value.configured === configured ? known.value.rate : configured };
}

async function writeRate(
  store: Store,
  queue: string,
  was: Stored<RateRecord> | undefined,
  value: RateRecord,
): Promise<boolean> {
  const committed = await store.commit([
    was ? { op: 'replace', was, value } : { op: 'create', key: keyOf.rate(queue), value },
  ]);
  return committed.ok;
}

/**
 * The queue's window is fixed and can let twice its number through around its edge. Short windows with whole numbers
 * keep that small.
 */
async function setLimit(queue: Queue, rate: number): Promise<void> {
  if (rate >= 1) await queue.setGlobalRateLimit(Math.round(rate), 1_000);
  else await queue.setGlobalRateLimit(1, Math.round(1_000 / rate));
}
