// Measures a page of 20 jobs out of 100,000, on both stores, for each kind of filter. `npm run bench`; needs a
// redis-server on the PATH.
import { createLog } from '../src/log.ts';
import { openStorage } from '../src/queue/storage.ts';
import { type JobListFilter, listJobs } from '../src/records/job-list.ts';
import { type JobRecord, jobIndexes, keyOf, noTrouble } from '../src/records/job.ts';
import type { Store } from '../src/records/store.ts';
import { startRedisServer } from '../test/support/redis-server.ts';
import { spread } from './spread.ts';

const kept = 100_000;
const filters: Record<string, JobListFilter> = {
  'all jobs': {},
  'one operation': { operation: 'stop-db-cluster' },
  'one state': { state: 'failed' },
  'one resource': { resource: 'default/db-cluster/c-7' },
  'an operation and a state': { operation: 'fast-reset', state: 'failed' },
  'a day of them': { since: 30_000_000, until: 60_000_000 },
};

const redis = await startRedisServer();
const log = createLog('silent');
for (const [name, settings] of Object.entries({
  redis: { redisUrl: redis.url, dataDir: '' },
  embedded: { dataDir: 'memory://' },
})) {
  const storage = await openStorage({ ...settings, log });
  await fill(storage.store);
  console.log(`\n${name}, ${kept} jobs kept; a page of 20 in ms, median (lowest to highest) of 30`);
  for (const [title, filter] of Object.entries(filters)) {
    const took: number[] = [];
    for (let turn = 0; turn < 30; turn += 1) {
      const began = performance.now();
      await listJobs(storage.store, filter, 20);
      took.push(performance.now() - began);
    }
    console.log(`  ${title.padEnd(26)} ${spread(took, 1)}`);
  }
  await storage.close();
}
await redis.stop();

async function fill(store: Store): Promise<void> {
  for (let from = 0; from < kept; from += 200) {
    const jobs = Array.from({ length: 200 }, (_, index) => jobOf(from + index));
    await store.commit(
      jobs.map((value) => ({ op: 'create', key: keyOf.job(value.id), value, indexes: jobIndexes(value) })),
    );
  }
}

function jobOf(number: number): JobRecord {
  const cluster = `c-${number % 500}`;
  const state = number % 10 === 0 ? 'failed' : 'succeeded';
  return {
    schema: 1,
    id: `job-${number}`,
    operation: number % 1_000 === 0 ? 'fast-reset' : 'stop-db-cluster',
    target: 'default',
    resource: `default/db-cluster/${cluster}`,
    input: { dbClusterIdentifier: cluster },
    request: `digest-${number}`,
    takesTurn: true,
    state,
    phase: 'over',
    createdAt: number * 1_000,
    finishedAt: number * 1_000 + 500,
    deadline: number * 1_000 + 7_200_000,
    polls: 4,
    transition: 6,
    intents: 1,
    changed: true,
    trouble: noTrouble,
    outcome: { state, changed: true, status: 'stopped', result: { status: 'stopped', endpoint: `${cluster}.example` } },
    event: 'sent',
  };
}
