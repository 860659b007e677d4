// What /readyz says is in the way, on both kinds of store, by a clock that the test turns.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readiness } from '../src/health.ts';
import { createTurnableClock } from '../emulator/clock.ts';
import { startHeartbeat } from '../src/queue/heartbeat.ts';
import { reportCredentials } from '../src/queue/readiness.ts';
import { indexOf, jobIndexes, keyOf } from '../src/records/job.ts';
import { lookRecordKey } from '../src/schedules/resource-cache.ts';
import { watchPlan } from '../src/schedules/file/watched-plan.ts';
import { sweep } from '../src/workers/sweep.ts';
import { doorConfig } from './api/server.ts';
import { endedJob } from './support/jobs.ts';
import { type OpenStorage, silent, storageKinds } from './support/storages.ts';

const config = { ...doorConfig, NEPTUNE_OPS_EVENTS_QUEUE_URL: 'http://127.0.0.1:1/000000000000/events' };

describe.each(storageKinds())('readiness on $name', ({ open }) => {
  const clock = createTurnableClock(Date.now());
  let opened: OpenStorage;
  let workers: Awaited<ReturnType<typeof startHeartbeat>>[] = [];
  beforeAll(async () => {
    opened = await open(clock.now);
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop();
  });
  afterAll(() => opened?.close());

  const beat = async () => void workers.push(await startHeartbeat(opened.storage.store));
  const reasons = async (schedules?: ReturnType<typeof watchPlan>) =>
    (await readiness({ config, storage: opened.storage, schedules })).body.reasons;
  const sweepOnce = () =>
    sweep({
      storage: opened.storage,
      deps: { operationOf: () => undefined, log: silent, events: false },
      queues: [],
      keepMs: 86_400_000,
    });

  it('says that no worker is running: never, after a clean end at once, after a crash within half a minute', async () => {
    expect(await reasons()).toEqual([expect.stringMatching(/^No worker is running/)]);
    await beat();
    expect(await reasons()).toEqual([]);
    await workers.pop()?.stop();
    expect(await reasons()).toEqual([expect.stringMatching(/^No worker is running/)]);
    await beat();
    clock.advance(29_000);
    expect(await reasons()).toEqual([]);
    clock.advance(2_000);
    expect(await reasons()).toEqual([expect.stringMatching(/^No worker is running/)]);
    // What a crash leaves behind doesn't stay for ever.
    await sweepOnce();
    expect(await opened.storage.store.count(indexOf.workers)).toBe(0);
  });

  it('keeps the signs of life of workers that live', async () => {
    await beat();
    await sweepOnce();
    expect(await reasons()).toEqual([]);
  });

  it('is ready while one target of several has trouble with credentials, and names it; not while all have', async () => {
    const targets = [
      { name: 'default', region: 'eu-west-1' },
      { name: 'prod', region: 'us-east-1' },
    ];
    const { store } = opened.storage;
    const ask = () => readiness({ config: { ...config, targets }, storage: opened.storage });
    const report = reportCredentials(store);
    await beat();
    report('prod', 'CredentialsProviderError: no');
    await expect.poll(ask).toEqual({
      status: 200,
      body: { status: 'ready', reasons: [], warnings: [expect.stringMatching(/target prod/)] },
    });
    report('default', 'CredentialsProviderError: no');
    await expect.poll(async () => (await ask()).body.reasons).toHaveLength(2);
    expect((await ask()).status).toBe(503);
    clock.advance(60_000);
    await beat();
    expect(await ask()).toEqual({ status: 200, body: { status: 'ready', reasons: [] } });
  });

  it('says that events are stuck after five minutes', async () => {
    const { store } = opened.storage;
    const job = endedJob({ finishedAt: clock.now(), event: 'pending' });
    await store.commit([{ op: 'create', key: keyOf.job(job.id), value: job, indexes: jobIndexes(job) }]);
    clock.advance(299_999);
    await beat();
    expect(await reasons()).toEqual([]);
    clock.advance(1);
    expect(await reasons()).toEqual([expect.stringMatching(/^Completion events have waited/)]);
    // Nothing is late where nothing is to be sent.
    const { NEPTUNE_OPS_EVENTS_QUEUE_URL: _url, ...off } = { ...config };
    expect(
      (await readiness({ config: { ...off, NEPTUNE_OPS_EVENTS_QUEUE_URL: undefined }, storage: opened.storage }))
        .status,
    ).toBe(200);
    const [was] = (await store.read([keyOf.job(job.id)])).records;
    if (was) await store.commit([{ op: 'delete', was }]);
  });

  it('says that the schedules are behind after five ticks without a look, and what AWS said where it can’t be seen', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-health-'));
    const file = join(folder, 'schedules.yaml');
    writeFileSync(
      file,
      [
        'version: 1',
        'timeZone: Europe/Berlin',
        'schedules:',
        '  nights:',
        "    running: [{ days: mon-fri, from: '08:00', to: '20:00' }]",
        '    applies: [{ clusters: [dev-1] }]',
      ].join('\n'),
    );
    const watched = watchPlan(file, config, silent);
    // Read long ago.
    const schedules = { ...watched, current: () => ({ ...watched.current(), loadedAt: Date.now() - 3_600_000 }) };
    const { store } = opened.storage;
    const key = lookRecordKey('default', 'db-cluster');
    const see = async (more: object = {}) => {
      const value = { target: 'default', kind: 'db-cluster', at: clock.now(), ...more };
      const [was] = (await store.read([key])).records;
      const indexes = { sights: 0 };
      await store.commit([was ? { op: 'replace', was, value, indexes } : { op: 'create', key, value, indexes }]);
    };
    try {
      await beat();
      expect(await reasons(schedules)).toEqual([expect.stringMatching(/^Schedules are behind/)]);
      await see();
      expect(await reasons(schedules)).toEqual([]);
      clock.advance(5 * 60_000);
      await beat();
      expect(await reasons(schedules)).toEqual([]);
      clock.advance(1);
      expect(await reasons(schedules)).toEqual([expect.stringMatching(/^Schedules are behind/)]);
      await see({ at: 0, trouble: { since: clock.now(), what: 'AccessDenied' } });
      expect(await reasons(schedules)).toEqual([
        'Schedules can’t see what is in target default (db-cluster): AWS says AccessDenied.',
      ]);
      // Another target is seen well: the service goes on, and says so.
      const other = lookRecordKey('prod', 'db-cluster');
      const value = { target: 'prod', kind: 'db-cluster', at: clock.now() };
      await store.commit([{ op: 'create', key: other, value, indexes: { ['sights']: 0 } }]);
      expect((await readiness({ config, storage: opened.storage, schedules })).body).toEqual({
        status: 'ready',
        reasons: [],
        warnings: ['Schedules can’t see what is in target default (db-cluster): AWS says AccessDenied.'],
      });
      const [was] = (await store.read([other])).records;
      if (was) await store.commit([{ op: 'delete', was }]);
      // Without a file nobody has to look.
      expect(await reasons()).toEqual([]);
    } finally {
      watched.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('says why the store takes no writes, and nothing else, though it can be read', async ({ skip }) => {
    const { server } = opened;
    if (server === undefined) return skip('the embedded store has no such limits');
    const redis = new Redis(server.url);
    const said = async (...command: [string, ...string[]]) => {
      await redis.call(...command);
      return reasons();
    };
    await beat();
    expect(await said('CONFIG', 'SET', 'maxmemory', '1')).toEqual([
      'The store takes no writes: its memory is full (maxmemory).',
    ]);
    expect(await said('CONFIG', 'SET', 'maxmemory', '0')).toEqual([]);
    expect(await said('REPLICAOF', '127.0.0.1', '1')).toEqual(['The store takes no writes: it is a replica.']);
    await redis.call('REPLICAOF', 'NO', 'ONE');
    await expect.poll(() => reasons()).toEqual([]);
    redis.disconnect();
  });

  it('says only that the store can’t be reached, when it can’t', async () => {
    const read = () => Promise.reject(new Error('redis://:pw@host'));
    const gone = { ...opened.storage, store: { ...opened.storage.store, read } };
    expect(await readiness({ config, storage: gone })).toEqual({
      status: 503,
      body: { status: 'not-ready', reasons: ['The store can’t be reached.'] },
    });
  });
});
