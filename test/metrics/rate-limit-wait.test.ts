// What a visit waited for the limit, and what for a free worker. A real worker may be as slow as it likes: the limit is lifted
// by the test, and times are least ones.
import type { Worker } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { serviceMetrics } from '../../src/metrics/service-metrics.ts';
import { Standstills } from '../../src/metrics/rate-limit-wait.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import { type JobRecord, keyOf } from '../../src/records/job.ts';
import { testDoor } from '../support/door.ts';
import { type OpenStorage, storageKinds } from '../support/storages.ts';
import { valueOf } from './scrape.ts';

const queue = 'default.neptune';
const minute = 60_000;

describe('standstills', () => {
  let standstills: Standstills;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    standstills = new Standstills();
  });
  afterEach(() => void vi.useRealTimers());

  it('are counted as far as they lie in the time that is asked for', () => {
    standstills.told(queue, 900);
    vi.advanceTimersByTime(1_000);
    standstills.told(queue, 500);
    vi.advanceTimersByTime(200);
    expect(standstills.ofLast(queue, 1_200)).toBe(1_100);
    expect(standstills.ofLast(queue, 600)).toBe(500);
    expect(standstills.ofLast(queue, 100)).toBe(100);
    expect(standstills.ofLast('default.neptunedata', 1_200)).toBe(0);
  });

  it('are counted once, however often the queue says so, and end when it goes on', () => {
    standstills.told(queue, 1_000);
    vi.advanceTimersByTime(400);
    standstills.told(queue, 600);
    standstills.told(queue, 600);
    vi.advanceTimersByTime(300);
    standstills.told(queue, 0);
    vi.advanceTimersByTime(minute);
    expect(standstills.ofLast(queue, 2 * minute)).toBe(700);
  });

  it('are remembered for an hour', () => {
    for (let hours = 0; hours < 3; hours += 1) {
      standstills.told(queue, 1_000);
      vi.advanceTimersByTime(45 * minute);
    }
    expect(standstills.ofLast(queue, 180 * minute)).toBe(2_000);
  });
});

describe.each(storageKinds())('a visit on $name', ({ open }) => {
  let place: OpenStorage;
  let metrics: ReturnType<typeof serviceMetrics>;
  let worker: Worker | undefined;
  let begun: number;
  let visit: () => Promise<unknown>;

  beforeAll(async () => {
    place = await open();
    await place.storage.queue(queue).setGlobalRateLimit(1_000, 1_000);
  });
  afterAll(() => place?.close());
  beforeEach(() => {
    metrics = serviceMetrics(readConfig({ AWS_REGION: 'eu-west-1' }), 'all', place.storage);
    [begun, visit] = [0, () => Promise.resolve()];
  });
  afterEach(() => worker?.close(true));

  const accept = (id: string) =>
    enqueue(metrics.storage, testDoor, { operation: 'stop-db-cluster', input: { dbClusterIdentifier: id } });
  const work = () => {
    const process = async ({ id = '' }: { id?: string }) => {
      const { at, records } = await place.storage.store.read([keyOf.job(id)]);
      metrics.onVisit(records[0]?.value as JobRecord, at);
      begun += 1;
      await visit();
    };
    worker = metrics.storage.worker(queue, process, { concurrency: 1, maximumRateLimitDelay: 100 });
    return worker;
  };
  const sum = async (what: string) => valueOf(await metrics.scrape(), `neptune_ops_visit_${what}`, { queue }) ?? 0;

  it('owes to the limit what its queue stood still while it was due', async () => {
    await place.storage.queue(queue).rateLimit(10 * minute);
    const working = work();
    await accept('a');
    await expect.poll(() => working['limitUntil']).toBeGreaterThan(0);
    const stoodStill = performance.now();
    await delay(300);
    const atLeast = (performance.now() - stoodStill) / 1_000;
    expect(begun).toBe(0);
    await place.storage.queue(queue).removeRateLimitKey();
    await expect.poll(() => begun).toBe(1);
    expect(await sum('rate_limit_wait_seconds_count')).toBe(1);
    expect(await sum('rate_limit_wait_seconds_sum')).toBeGreaterThanOrEqual(atLeast);
    expect(await sum('rate_limit_wait_seconds_sum')).toBeLessThanOrEqual(await sum('lateness_seconds_sum'));
  });

  it('owes nothing to the limit while it waits for a free worker', async () => {
    let release: () => void = () => undefined;
    visit = () => new Promise<void>((resolve) => (release = resolve));
    work();
    await accept('b');
    await expect.poll(() => begun).toBe(1);
    await accept('c');
    await delay(300);
    release();
    await expect.poll(() => begun).toBe(2);
    release();
    expect(await sum('lateness_seconds_sum')).toBeGreaterThan(0.2);
    expect(await sum('rate_limit_wait_seconds_count')).toBe(2);
    expect(await sum('rate_limit_wait_seconds_sum')).toBe(0);
  });
});
