// How many series there are must depend on the settings alone: an account with a thousand clusters has no more than one with
// ten.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createServer } from '../../src/api/server.ts';
import { readConfig } from '../../src/config.ts';
import { serviceMetrics } from '../../src/metrics/service-metrics.ts';
import type { Storage } from '../../src/queue/storage.ts';
import { type JobRecord, keyOf } from '../../src/records/job.ts';
import { managedResourceIndexes } from '../../src/schedules/managed-resource.ts';
import { office, managed } from '../schedules/sleeping.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { silent } from '../support/storages.ts';
import { samplesOf, valueOf } from './scrape.ts';

const config = readConfig({ AWS_REGION: 'eu-west-1', NEPTUNE_OPS_BOARD: 'off' });
const plan = { schedules: [office(['*'])] };
const state = { plan, loadedAt: 0, findings: [], broken: undefined };
const watched = { current: () => state, look: () => undefined, close: () => undefined };
const queue = { add: () => Promise.resolve(), getRateLimitTtl: () => Promise.resolve(-2) };

/** The scrape of a service to which everything happens to so many clusters. */
async function scrapeWith(clusters: readonly string[]): Promise<string> {
  const store = createMemoryStore(() => Date.now());
  const probe = () => Promise.resolve();
  const storage = { kind: 'embedded', store, queue: () => queue, probe } as unknown as Storage;
  const metrics = serviceMetrics(config, 'all', storage, watched);
  const door = createServer(config, metrics.storage, silent, () => Promise.reject(new Error('no')), watched, metrics);
  for (const id of clusters) {
    const payload = { dbClusterIdentifier: id };
    const { body } = await door.inject({ method: 'POST', url: '/v1/operations/stop-db-cluster', payload });
    const job = JSON.parse(body) as JobRecord;
    await door.inject(`/v1/jobs/${job.id}`);
    await door.inject(`/v1/jobs?resource=default/db-cluster/${id}`);
    await door.inject(`/${id}`);
    const { store: measured } = metrics.storage;
    const was = (await measured.read([keyOf.job(job.id)])).records[0] as never;
    const outcome = { state: 'failed', changed: false, code: id, reason: id };
    const value = { ...(was as { value: object }).value, phase: 'over', outcome, finishedAt: Date.now() };
    await measured.commit([{ op: 'replace', was, value }]);
    metrics.onVisit({ ...job, phase: 'look', state: 'queued', dueAt: 0 }, 5);
    metrics.onUnknownStatus(job);
    metrics.onCall('default', { api: 'neptune', action: 'StopDBCluster', result: 'ok', milliseconds: 5 });
    const resource = `default/db-cluster/${id}`;
    const asleep = managed({ id, resource, name: id, setback: { goal: 'stopped', count: 1, again: 0, what: id } });
    await measured.commit([
      { op: 'create', key: `sleeper/${resource}`, value: asleep, indexes: managedResourceIndexes(asleep) },
      { op: 'create', key: `span/${resource}/0`, value: { ...asleep, state: 'stopped', from: 0, to: 1_000 } },
    ]);
  }
  const text = await metrics.scrape();
  await door.close();
  return text;
}

const names = (count: number) => Array.from({ length: count }, () => `c-${randomUUID()}`);

describe('the number of series', () => {
  it('is the same with ten clusters and with a thousand, and no label has a cluster’s name', async () => {
    const [ten, thousand] = [names(10), names(1_000)];
    const ofTen = samplesOf(await scrapeWith(ten)).filter(({ name }) => name.startsWith('neptune_ops_'));
    const text = await scrapeWith(thousand);
    const ofThousand = samplesOf(text).filter(({ name }) => name.startsWith('neptune_ops_'));
    expect(ofThousand).toHaveLength(ofTen.length);
    expect(ofThousand.length).toBeLessThan(1_000);
    expect(valueOf(text, 'neptune_ops_unknown_statuses_total', { operation: 'stop-db-cluster' })).toBe(1_000);
    for (const id of thousand) expect(text).not.toContain(id);
  });
});
