// What is counted of the store's work, on both stores.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countCommit } from '../../src/metrics/commit-metrics.ts';
import { meteredStore } from '../../src/metrics/metered-store.ts';
import { Metrics } from '../../src/metrics/registry.ts';
import { operationNames } from '../../src/handlers/index.ts';
import type { Change, Store } from '../../src/records/store.ts';
import { managed } from '../schedules/sleeping.ts';
import { type OpenStore, storeKinds } from '../support/stores.ts';
import { valueOf } from './scrape.ts';

const job = (more: object = {}) => ({
  operation: 'stop-db-cluster',
  createdAt: 10_000,
  polls: 4,
  phase: 'look',
  ...more,
});
const ended = job({ phase: 'over', outcome: { state: 'failed' }, finishedAt: 70_000 });

describe.each(storeKinds())('a metered store on $name', (kind) => {
  let opened: OpenStore;
  let metrics: Metrics;
  let store: Store;

  beforeEach(async () => {
    opened = await kind.open();
    metrics = new Metrics({
      operations: operationNames,
      targets: ['default'],
      queues: ['default.neptune'],
      store: 'redis',
    });
    store = meteredStore(opened.store, 'redis', metrics, (changes) => countCommit(metrics, changes));
  });
  afterEach(() => opened.close());

  const value = async (name: string, labels = {}) => valueOf(await metrics.text(), name, labels);
  const create = async (key: string, record: unknown) => {
    const { ok, ...rest } = await store.commit([{ op: 'create', key, value: record }]);
    if (!ok) throw new Error('refused');
    return ('written' in rest ? rest.written[0] : undefined) as never;
  };

  it('counts a job once when it is made and once when it ends, with how long it took', async () => {
    const made = await create('job/1', job());
    expect(await value('neptune_ops_jobs_accepted_total', { operation: 'stop-db-cluster' })).toBe(1);
    const end: Change = { op: 'replace', was: made, value: ended };
    const committed = await store.commit([end]);
    expect((await store.commit([end])).ok).toBe(false);
    const was = (committed as unknown as { written: never[] }).written[0] as never;
    expect((await store.commit([{ op: 'replace', was, value: { ...ended, event: 'sent' } }])).ok).toBe(true);
    expect(await value('neptune_ops_jobs_ended_total')).toBe(1);
    expect(await value('neptune_ops_jobs_ended_total', { outcome: 'failed', operation: 'stop-db-cluster' })).toBe(1);
    expect(await value('neptune_ops_job_duration_seconds_sum')).toBe(60);
    expect(await value('neptune_ops_job_visits_sum')).toBe(4);
    expect(await value('neptune_ops_jobs_accepted_total')).toBe(1);
  });

  it('counts nothing of a commit that was refused', async () => {
    await create('job/1', job());
    expect((await store.commit([{ op: 'create', key: 'job/1', value: job() }])).ok).toBe(false);
    expect(await value('neptune_ops_jobs_accepted_total')).toBe(1);
  });

  it('counts a limit that was halved, and none that rises', async () => {
    const configured = 5;
    const halved = await create('rate/default.neptune', { configured, rate: 2.5, changedAt: 0 });
    await store.commit([{ op: 'replace', was: halved, value: { configured, rate: 3, changedAt: 1 } }]);
    expect(await value('neptune_ops_rate_slowdowns_total', { queue: 'default.neptune' })).toBe(1);
  });

  it('counts a setback each time it grows, but not a person’s cancel', async () => {
    const setback = { goal: 'stopped' as const, count: 1, again: 0, what: 'x' };
    let was = await create('sleeper/x', managed());
    for (const count of [1, 1, 2]) {
      const next = { op: 'replace', was, value: managed({ setback: { ...setback, count } }) } as const;
      was = ((await store.commit([next])) as unknown as { written: never[] }).written[0] as never;
    }
    expect(await value('neptune_ops_schedule_setbacks_total', { goal: 'stopped', kind: 'db-cluster' })).toBe(2);
    await create('sleeper/y', managed({ setback: { ...setback, count: 0 } }));
    expect(await value('neptune_ops_schedule_setbacks_total')).toBe(2);
  });

  it('adds up what was slept', async () => {
    const span = { target: 'default', kind: 'graph', state: 'stopped', from: 1_000, to: 61_000 };
    await create('span/x/1', span);
    await create('span/x/2', { ...span, state: 'running' });
    expect(await value('neptune_ops_schedule_ledger_seconds_total', { state: 'stopped', kind: 'graph' })).toBe(60);
  });

  it('times every method, and counts the calls that fail without changing what they say', async () => {
    await store.read(['x']);
    await store.page('jobs', { order: 'newest', limit: 1 });
    await store.count('jobs');
    await store.prune('jobs', ['0000000000000x']);
    await create('x', 1);
    for (const method of ['read', 'page', 'count', 'prune', 'commit']) {
      expect(await value('neptune_ops_store_call_duration_seconds_count', { method, store: 'redis' }), method).toBe(1);
    }
    const wrong = await opened.store.page('jobs', { order: 'newest', limit: 0 }).catch((error: Error) => error);
    await expect(store.page('jobs', { order: 'newest', limit: 0 })).rejects.toThrow((wrong as Error).message);
    expect(await value('neptune_ops_store_errors_total', { method: 'page' })).toBe(1);
    expect(await value('neptune_ops_store_call_duration_seconds_count', { method: 'page' })).toBe(2);
  });
});
