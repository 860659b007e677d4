// What a visit waited for the limit, and what for a free worker. A real worker may be as slow as it likes: the limit is lifted
// by the test, and times are least ones.
import type { Worker } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { serviceMetrics } from '../../src/metrics/service-metrics.ts';
import { FreeWorkers } from '../../src/metrics/free-workers.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import { type JobRecord, keyOf } from '../../src/records/job.ts';
import { testDoor } from '../support/door.ts';
import { type OpenStorage, storageKinds } from '../support/storages.ts';
import { valueOf } from './scrape.ts';

const queue = 'default.neptune';
const minute = 60_000;

describe('the workers of a queue', () => {
  let workers: FreeWorkers;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    workers = new FreeWorkers();
  });
  afterEach(() => void vi.useRealTimers());

  it('are free from their beginning, and were not before it', () => {
    vi.advanceTimersByTime(500);
    workers.open(queue, 2);
    vi.advanceTimersByTime(1_000);
    expect(workers.ofLast(queue, 300)).toBe(300);
    expect(workers.ofLast(queue, 9_000)).toBe(1_000);
    expect(workers.ofLast('default.neptunedata', 300)).toBe(0);
  });

  it('are not free while each of them has a visit', () => {
    workers.open(queue, 2);
    workers.begin(queue);
    vi.advanceTimersByTime(100);
    workers.begin(queue);
    vi.advanceTimersByTime(1_000);
    expect(workers.ofLast(queue, 1_000)).toBe(0);
    workers.end(queue);
    vi.advanceTimersByTime(30);
    workers.begin(queue);
    vi.advanceTimersByTime(1_000);
    expect(workers.ofLast(queue, 1_010)).toBe(10);
    expect(workers.ofLast(queue, 9_000)).toBe(130);
  });

  it('are remembered for their last ten thousand breaks', () => {
    workers.open(queue, 1);
    for (let visit = 0; visit < 11_000; visit += 1) {
      workers.begin(queue);
      vi.advanceTimersByTime(10);
      workers.end(queue);
      vi.advanceTimersByTime(10);
    }
    expect(workers.ofLast(queue, 60 * minute)).toBe(100_000);
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

  it('owes to the limit what it waited while a worker was free', async () => {
    await place.storage.queue(queue).rateLimit(10 * minute);
    work();
    await accept('a');
    const accepted = performance.now();
    await pause(300);
    const atLeast = (performance.now() - accepted) / 1_000;
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
    const accepted = performance.now();
    await pause(300);
    const atLeast = (performance.now() - accepted) / 1_000;
    release();
    await expect.poll(() => begun).toBe(2);
    release();
    expect(await sum('rate_limit_wait_seconds_count')).toBe(2);
    const forWorker = (await sum('lateness_seconds_sum')) - (await sum('rate_limit_wait_seconds_sum'));
    // The store's time is in whole milliseconds.
    expect(forWorker).toBeGreaterThanOrEqual(atLeast - 0.002);
  });
});
