// What a scrape says of the store, on both stores, and when the store is gone.
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { serviceMetrics } from '../../src/metrics/service-metrics.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import { startHeartbeat } from '../../src/queue/heartbeat.ts';
import { holdOn } from '../../src/queue/hold.ts';
import { slowDown } from '../../src/queue/rate.ts';
import { keyOf } from '../../src/records/job.ts';
import type { Store } from '../../src/records/store.ts';
import { managedResourceIndexes } from '../../src/schedules/managed-resource.ts';
import { recordLookFailure, lookRecordKey } from '../../src/schedules/resource-cache.ts';
import type { WatchedPlan } from '../../src/schedules/file/watched-plan.ts';
import { office, managed } from '../schedules/sleeping.ts';
import { testDoor } from '../support/door.ts';
import { type OpenStorage, storageKinds } from '../support/storages.ts';
import { samplesOf, valueOf } from './scrape.ts';
import { soon, patience } from '../support/patience.ts';

const config = readConfig({ AWS_REGION: 'eu-west-1', NEPTUNE_OPS_TARGETS: 'prod=us-east-1' });
const noon = Date.parse('2026-11-20T12:00:00Z');

const watched = (broken = false): WatchedPlan => ({
  current: () => ({
    plan: { schedules: [office(['dev-*'])] },
    loadedAt: 0,
    findings: [],
    broken: broken ? [] : undefined,
  }),
  look: () => undefined,
  close: () => undefined,
});

describe.each(storageKinds())('a scrape on $name', ({ open }) => {
  let place: OpenStorage;
  let store: Store;
  let now: number;
  let metrics: ReturnType<typeof serviceMetrics>;

  beforeEach(async () => {
    now = noon;
    place = await open(() => now);
    store = place.storage.store;
    metrics = serviceMetrics(config, 'all', place.storage, watched());
  });
  afterEach(() => place.close());

  const stop = (id: string) =>
    enqueue(metrics.storage, testDoor, { operation: 'stop-db-cluster', input: { dbClusterIdentifier: id } });

  it('says that all is well with an empty store', async () => {
    const text = await metrics.scrape();
    expect(valueOf(text, 'neptune_ops_store_up')).toBe(1);
    expect(valueOf(text, 'neptune_ops_store_writable')).toBe(1);
    expect(valueOf(text, 'neptune_ops_jobs')).toBe(0);
    expect(samplesOf(text).filter(({ name }) => name === 'neptune_ops_jobs')).toHaveLength(7);
    for (const name of ['jobs_overdue_age_seconds', 'events_oldest_age_seconds', 'hold', 'hold_age_seconds']) {
      expect(valueOf(text, `neptune_ops_${name}`), name).toBe(0);
    }
    expect(valueOf(text, 'neptune_ops_rate_limit', { queue: 'prod.neptune' })).toBe(5);
    expect(valueOf(text, 'neptune_ops_workers_alive')).toBe(0);
    expect(valueOf(text, 'neptune_ops_build_info', { role: 'all', store: place.storage.kind })).toBe(1);
  });

  it('counts jobs, and says how long the most overdue visit is overdue', async () => {
    await stop('a');
    now += 30_000;
    await stop('b');
    await stop('c');
    now += 3_000;
    const text = await metrics.scrape();
    expect(valueOf(text, 'neptune_ops_jobs_accepted_total')).toBe(3);
    expect(valueOf(text, 'neptune_ops_jobs', { state: 'queued' })).toBe(3);
    expect(valueOf(text, 'neptune_ops_jobs_overdue')).toBe(1);
    expect(valueOf(text, 'neptune_ops_jobs_overdue_age_seconds')).toBe(33);
  });

  it('says how old the oldest undelivered event is', async () => {
    const { job } = await stop('a');
    const was = (await store.read([keyOf.job(job.id)])).records[0] as never;
    const value = { ...job, finishedAt: now, event: 'pending' };
    await store.commit([{ op: 'replace', was, value, indexes: { events: now } }]);
    now += 90_000;
    const text = await metrics.scrape();
    expect(valueOf(text, 'neptune_ops_events_waiting')).toBe(1);
    expect(valueOf(text, 'neptune_ops_events_oldest_age_seconds')).toBe(90);
  });

  it('says which holds are on, since when, and how many workers live', async () => {
    await holdOn(store, { target: 'prod', by: 'a', reason: 'b' });
    const heart = await startHeartbeat(store);
    now += 20_000;
    const text = await metrics.scrape();
    await heart.stop();
    expect(valueOf(text, 'neptune_ops_hold', { target: 'prod' })).toBe(1);
    expect(valueOf(text, 'neptune_ops_hold_age_seconds', { target: 'prod' })).toBe(20);
    expect(valueOf(text, 'neptune_ops_hold', { target: 'all' })).toBe(0);
    expect(valueOf(text, 'neptune_ops_workers_alive')).toBe(1);
  });

  it('says what a queue may do after AWS throttled', async () => {
    await slowDown(metrics.storage.store, place.storage.queue('default.neptune'), 5);
    const text = await metrics.scrape();
    expect(valueOf(text, 'neptune_ops_rate_limit', { queue: 'default.neptune' })).toBe(2.5);
    expect(valueOf(text, 'neptune_ops_rate_limit_configured', { queue: 'default.neptune' })).toBe(5);
    expect(valueOf(text, 'neptune_ops_rate_slowdowns_total', { queue: 'default.neptune' })).toBe(1);
    const wait = valueOf(text, 'neptune_ops_rate_limit_wait_seconds', { queue: 'default.neptune' }) ?? 0;
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(1);
  });

  it('counts resources by what they are and should be, and says where AWS can’t be looked at', async () => {
    const put = (id: string, more: object) => {
      const value = managed({ resource: `default/db-cluster/${id}`, id, name: id, ...more });
      return store.commit([{ op: 'create', key: `sleeper/${id}`, value, indexes: managedResourceIndexes(value) }]);
    };
    const postponed = { since: noon, nextLook: noon, why: 'it is in use', isBusy: true };
    await put('dev-1', {});
    await put('dev-2', { condition: 'stopped', status: 'stopped' });
    await put('dev-3', { setback: { goal: 'running', count: 2, again: noon, what: 'x' }, condition: 'stopped' });
    await put('dev-4', { setback: { goal: 'stopped', count: 0, again: noon, what: 'cancelled' }, postponed });
    const lookRecord = { target: 'default', kind: 'db-cluster', at: noon - 60_000 };
    await store.commit([
      {
        op: 'create',
        key: lookRecordKey('default', 'db-cluster'),
        value: lookRecord,
        indexes: { sights: 0 },
      },
    ]);
    await recordLookFailure(store, 'default', 'graph', new Error('AccessDenied'));
    now += 5_000;
    const text = await metrics.scrape();
    const resources = (condition: string) => {
      const labels = { kind: 'db-cluster', target: 'default', condition, should: 'running' };
      return valueOf(text, 'neptune_ops_schedule_resources', labels);
    };
    expect([resources('running'), resources('stopped')]).toEqual([2, 2]);
    expect(valueOf(text, 'neptune_ops_schedule_setbacks')).toBe(1);
    expect(valueOf(text, 'neptune_ops_schedule_stops_postponed')).toBe(1);
    expect(valueOf(text, 'neptune_ops_schedule_look_age_seconds', { kind: 'db-cluster' })).toBe(65);
    expect(valueOf(text, 'neptune_ops_schedule_look_age_seconds', { kind: 'graph' })).toBeUndefined();
    expect(valueOf(text, 'neptune_ops_schedule_blind_seconds', { kind: 'graph' })).toBe(5);
    expect(valueOf(text, 'neptune_ops_schedule_file_ok')).toBe(1);
    const broken = serviceMetrics(config, 'all', place.storage, watched(true));
    expect(valueOf(await broken.scrape(), 'neptune_ops_schedule_file_ok')).toBe(0);
  });

  it('asks the store once in five seconds, however many scrape', async () => {
    await metrics.scrape();
    await stop('a');
    const texts = await Promise.all([metrics.scrape(), metrics.scrape()]);
    for (const text of texts) {
      expect(valueOf(text, 'neptune_ops_jobs', { state: 'queued' })).toBe(0);
      // What this process did is as it is now.
      expect(valueOf(text, 'neptune_ops_jobs_accepted_total')).toBe(1);
    }
  });

  it('says that the store only reads, when its memory is full', async ({ skip }) => {
    const { server } = place;
    if (server === undefined) return skip('the embedded store has no such limit');
    const redis = new Redis(server.url);
    await redis.config('SET', 'maxmemory', '1');
    const text = await serviceMetrics(config, 'all', place.storage, watched()).scrape();
    redis.disconnect();
    expect(valueOf(text, 'neptune_ops_store_up')).toBe(1);
    expect(valueOf(text, 'neptune_ops_store_writable')).toBe(0);
  });

  it('does not fail when the store is gone or frozen, and says so', async ({ skip }) => {
    const { server } = place;
    if (server === undefined) return skip('the embedded store is in this process');
    const value = managed();
    await store.commit([{ op: 'create', key: 'sleeper/x', value, indexes: managedResourceIndexes(value) }]);
    const clock = performance.now.bind(performance);
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      const fresh = serviceMetrics(config, 'all', place.storage, watched());
      const before = await fresh.scrape();
      expect(valueOf(before, 'neptune_ops_store_up')).toBe(1);
      expect(valueOf(before, 'neptune_ops_schedule_resources')).toBe(1);
      await server.kill(signal);
      // What was read before is old by now.
      const later = vi.spyOn(performance, 'now').mockImplementation(() => clock() + 61_000);
      const began = performance.now();
      const text = await fresh.scrape();
      expect(performance.now() - began).toBeLessThan(soon);
      later.mockRestore();
      expect(valueOf(text, 'neptune_ops_store_up')).toBe(0);
      expect(valueOf(text, 'neptune_ops_store_writable')).toBe(0);
      expect(valueOf(text, 'neptune_ops_jobs')).toBeUndefined();
      expect(valueOf(text, 'neptune_ops_schedule_resources')).toBeUndefined();
      expect(valueOf(text, 'neptune_ops_sweeps_total')).toBe(0);
      expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
      if (signal !== 'SIGSTOP') continue;
      await server.kill('SIGCONT');
      await vi.waitFor(() => store.read([]), { timeout: patience });
    }
  });
});
