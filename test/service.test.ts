// The service as processes, from outside: started, asked, ended, killed. What goes on inside one is tested elsewhere.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { openStorage } from '../src/queue/storage.ts';
import { jobIndexes, keyOf } from '../src/records/job.ts';
import { startService } from '../src/service.ts';
import { newDataFolder } from './support/data-folder.ts';
import { type EmulatorProcess, startEmulatorProcess } from './support/emulator-process.ts';
import { endedJob } from './support/jobs.ts';
import { receiveEvents } from './support/received-events.ts';
import { hasRedisServer, startRedisServer } from './support/redis-server.ts';
import { type ServiceProcess, ask, startServiceProcess } from './support/service-process.ts';
import { silent } from './support/storages.ts';
import { patience } from './support/patience.ts';

const closing: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function bareMachine(): Promise<{ emulator: EmulatorProcess; env: Record<string, string> }> {
  const emulator = await startEmulatorProcess();
  closing.push(() => emulator.close());
  return { emulator, env: { ...emulator.env, PORT: '0', NEPTUNE_OPS_POLL_MAX_MS: '300' } };
}

function start(env: Record<string, string>, role?: 'api' | 'worker'): ServiceProcess {
  const service = startServiceProcess(env, role);
  closing.push(() => service.end('SIGKILL'));
  return service;
}

describe('the service as a process', () => {
  it('names every setting that is wrong or missing at once, and does not start', async () => {
    const service = start({
      PORT: 'many',
      NEPTUNE_OPS_POLL_MAX_MS: '-1',
      NEPTUNE_OPS_RESETTABLE_CLUSTERS: 'default/*',
    });
    expect(await service.ended()).toMatchObject({ code: 1 });
    for (const name of ['PORT', 'AWS_REGION', 'NEPTUNE_OPS_POLL_MAX_MS', 'NEPTUNE_OPS_RESETTABLE_CLUSTERS']) {
      expect(service.log()).toContain(`${name} `);
    }
    expect(service.log()).not.toContain('    at ');
  });

  it('finds also what AWS’s SDK reads for itself in the file of settings', async () => {
    const { env } = await bareMachine();
    const folder = await newDataFolder();
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'settings.env');
    const lines = Object.entries({ ...env, NEPTUNE_OPS_DATA_DIR: folder }).map(([name, value]) => `${name}=${value}`);
    writeFileSync(file, lines.join('\n'));
    const service = start({ NEPTUNE_OPS_CONFIG_FILE: file });
    const stop = { dbClusterIdentifier: 'dev-1' };
    const { body } = await ask(await service.started(), 'POST', '/v1/operations/stop-db-cluster?dry-run=true', stop);
    expect(body).toMatchObject({ verdict: 'ready' });
  });

  it('says that its port is taken, and which setting gives it another', async () => {
    const { emulator } = await bareMachine();
    const { port } = new URL(emulator.env['AWS_ENDPOINT_URL_SQS'] ?? '');
    const folder = await newDataFolder();
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const service = start({ ...emulator.env, PORT: port, NEPTUNE_OPS_DATA_DIR: folder });
    expect(await service.ended()).toMatchObject({ code: 1 });
    expect(service.log()).toContain(`Port ${port} of 127.0.0.1 is taken`);
    expect(service.log()).toContain('or set PORT.');
  });

  it('says why its parts do not run apart without Redis', async () => {
    const service = start({ AWS_REGION: 'eu-west-1' }, 'worker');
    expect(await service.ended()).toMatchObject({ code: 1 });
    expect(service.log()).toContain('REDIS_URL');
  });
});

describe('the service as the only process on its folder', () => {
  let emulator: EmulatorProcess;
  let folder: string;
  let env: Record<string, string>;
  let service: ServiceProcess;
  let url: string;
  beforeAll(async () => {
    emulator = await startEmulatorProcess();
    folder = await newDataFolder();
    env = { ...emulator.env, PORT: '0', NEPTUNE_OPS_DATA_DIR: folder, NEPTUNE_OPS_POLL_MAX_MS: '300' };
    service = startServiceProcess(env);
    url = await service.started();
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says at start that no events are sent where no queue is set', () => {
    expect(service.log()).toContain('no completion events are sent');
  });

  it('refuses a second process on its folder, and leaves the first one running', async () => {
    const second = start(env);
    expect(await second.ended()).toMatchObject({ code: 1 });
    expect(second.log()).toContain(String(service.pid));
    expect(second.log()).not.toContain('    at ');
    expect((await ask(url, 'GET', '/readyz')).status).toBe(200);
  });

  it('ends on SIGTERM with 0, and goes on with its jobs when it is started again', async () => {
    const { body } = await ask(url, 'POST', '/v1/operations/stop-db-cluster', { dbClusterIdentifier: 'dev-1' });
    expect(await service.end('SIGTERM')).toMatchObject({ code: 0 });
    service = startServiceProcess(env);
    url = await service.started();
    await expect
      .poll(async () => (await ask(url, 'GET', `/v1/jobs/${String(body['id'])}`)).body['state'])
      .toBe('succeeded');
    expect(await emulator.effects('stop-db-cluster')).toHaveLength(1);
  });
});

describe('the service that is about to end', () => {
  it('is not ready, but takes requests for as long as it is told; then waits and streams end, and it ends with 0', async () => {
    const { emulator, env } = await bareMachine();
    await emulator.addCluster({ identifier: 'end-1', dataPlane: false });
    await emulator.addCluster({ identifier: 'end-2', dataPlane: false });
    await emulator.setDurations({ stopMs: 10 * patience });
    const folder = await newDataFolder();
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const service = start({ ...env, NEPTUNE_OPS_DATA_DIR: folder, NEPTUNE_OPS_SHUTDOWN_DELAY_MS: '15000' });
    const url = await service.started();
    const stop = (dbClusterIdentifier: string) =>
      ask(url, 'POST', '/v1/operations/stop-db-cluster', { dbClusterIdentifier });
    const id = String((await stop('end-1')).body['id']);
    const waited = ask(url, 'GET', `/v1/jobs/${id}`, undefined, { prefer: 'wait=60' });
    const streamed = fetch(`${url}/v1/jobs/${id}/events`).then((answer) => answer.text());
    await expect.poll(async () => (await ask(url, 'GET', `/v1/jobs/${id}`)).body['state']).toBe('running');

    const ended = service.end('SIGTERM');
    await expect.poll(async () => (await ask(url, 'GET', '/readyz')).status).toBe(503);
    expect((await ask(url, 'GET', '/readyz')).body).toEqual({
      status: 'not-ready',
      reasons: ['This process is ending.'],
    });
    expect((await ask(url, 'GET', '/healthz')).status).toBe(200);
    expect((await stop('end-2')).status).toBe(202);

    expect(await waited).toMatchObject({ status: 200, body: { id, state: 'running' } });
    expect(await streamed).toMatch(/\n\n$/);
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('ends at once for somebody who asks twice', async () => {
    const { env } = await bareMachine();
    const folder = await newDataFolder();
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const settings = { ...env, NEPTUNE_OPS_DATA_DIR: folder, NEPTUNE_OPS_SHUTDOWN_DELAY_MS: '600000' };
    const service = start(settings);
    const url = await service.started();
    process.kill(service.pid, 'SIGINT');
    // Through npm, Ctrl-C arrives twice; that is one wish.
    process.kill(service.pid, 'SIGTERM');
    await expect.poll(async () => (await ask(url, 'GET', '/readyz')).status).toBe(503);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await ask(url, 'GET', '/healthz')).status).toBe(200);
    expect(await service.end('SIGTERM')).toMatchObject({ code: 143 });
  });
});

describe.each(hasRedisServer() ? (['redis', 'embedded'] as const) : (['embedded'] as const))(
  'events of earlier runs, on %s',
  (kind) => {
    it('are counted at each start without a queue, and kept', async () => {
      const [folder, redis] = [await newDataFolder(), kind === 'redis' ? await startRedisServer() : undefined];
      closing.push(
        () => rmSync(folder, { recursive: true, force: true }),
        () => redis?.stop(),
      );
      const place = { redisUrl: redis?.url, redisTimeoutMs: patience, dataDir: folder, log: silent };
      const env = {
        AWS_REGION: 'eu-west-1',
        PORT: '0',
        NEPTUNE_OPS_DATA_DIR: folder,
        NEPTUNE_OPS_DRAIN_MS: '500',
        ...(redis ? { REDIS_URL: redis.url } : {}),
      };
      /** What it says at its start of events that are not sent. */
      const start = async (more: Record<string, string> = {}): Promise<string[]> => {
        const lines: string[] = [];
        const log = pino({}, { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) });
        await (await startService(readConfig({ ...env, ...more }), 'all', log)).close();
        return lines.filter((line) => line.includes('not sent'));
      };
      const jobs = ['a', 'b', 'c'].map((id) => endedJob({ id, event: id === 'c' ? 'sent' : 'pending' }));
      const storage = await openStorage(place);
      for (const job of jobs)
        await storage.store.commit([{ op: 'create', key: keyOf.job(job.id), value: job, indexes: jobIndexes(job) }]);
      await storage.close();
      const told = '2 events of earlier runs are not sent while no queue is configured; they are kept.';
      expect(await start()).toEqual([told]);
      expect(await start()).toEqual([told]);
    });
  },
);

describe.runIf(hasRedisServer())('the service in several processes on Redis', () => {
  it('loses, doubles and forgets nothing while its processes and its AWS are killed and cut off', async () => {
    const { emulator, env } = await bareMachine();
    const redis = await startRedisServer({ appendonly: true });
    closing.push(() => redis.stop());
    const queueUrl = await emulator.createQueue('events');
    const clusters = Array.from({ length: 60 }, (_, index) => `cluster-${index}`);
    for (const identifier of clusters) await emulator.addCluster({ identifier, dataPlane: false });
    await emulator.setDurations({ stopMs: 1_500 });
    const graphId = await emulator.addGraph({ name: 'imports' });
    const tasks = await Promise.all(clusters.map(() => emulator.addImportTask({ graphId, totalMs: 6_000 })));
    const unlucky = { api: 'neptune', when: 'after', probability: 0.1 } as const;
    await emulator.addSwitch({ does: 'fault', code: 'InternalFailure', status: 500, ...unlucky });
    await emulator.addSwitch({ does: 'drop', ...unlucky });
    await emulator.addSwitch({ does: 'throttle', api: 'neptune-graph', probability: 0.01 });

    const settings = {
      ...env,
      REDIS_URL: redis.url,
      NEPTUNE_OPS_EVENTS_QUEUE_URL: queueUrl,
      NEPTUNE_OPS_SETTLE_MAX_MS: '2000',
      NEPTUNE_OPS_RATE_NEPTUNE: '200',
      NEPTUNE_OPS_RATE_NEPTUNE_GRAPH: '200',
    };
    const door = start(settings, 'api');
    const url = await door.started();
    const workers = [start(settings, 'worker'), start(settings, 'worker')];
    await Promise.all(workers.map((worker) => worker.started()));

    const requests = [
      ...clusters.map((dbClusterIdentifier) => ['stop-db-cluster', { dbClusterIdentifier }] as const),
      ...tasks.map((taskIdentifier) => ['watch-import-task', { taskIdentifier }] as const),
    ];
    const accepted = new Set<string>();
    for (const [operation, input] of requests) {
      const answer = await ask(url, 'POST', `/v1/operations/${operation}`, input);
      expect(answer.status).toBe(202);
      accepted.add(String(answer.body['id']));
    }
    // In the middle of the work: some has been done, and some is left to do.
    const moments = [
      [0, 'stop-db-cluster', 20],
      [1, 'send-message', 30],
      [0, 'send-message', 70],
    ] as const;
    for (const [index, kind, count] of moments) {
      await expect.poll(async () => (await emulator.effects(kind)).length).toBeGreaterThanOrEqual(count);
      await workers[index]?.end('SIGKILL');
      workers[index] = start(settings, 'worker');
    }

    const events = await receiveEvents(queueUrl, accepted.size);
    expect(events.map(({ id }) => id).toSorted()).toEqual([...accepted].toSorted());
    for (const identifier of clusters) {
      expect(await emulator.effects('stop-db-cluster', `db-cluster/${identifier}`)).toHaveLength(1);
    }
    const states = await Promise.all(
      [...accepted].map(async (id) => (await ask(url, 'GET', `/v1/jobs/${id}`)).body['state']),
    );
    expect(new Set(states)).toEqual(new Set(['succeeded']));
  });

  it('makes one job and one effect of 200 equal requests at once, through three doors', async () => {
    const { emulator, env } = await bareMachine();
    const redis = await startRedisServer();
    closing.push(() => redis.stop());
    const settings = { ...env, REDIS_URL: redis.url };
    const doors = [start(settings, 'api'), start(settings, 'api'), start(settings, 'api')];
    start(settings, 'worker');
    const urls = await Promise.all(doors.map((door) => door.started()));
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        ask(
          urls[index % 3] ?? '',
          'POST',
          '/v1/operations/stop-db-cluster',
          { dbClusterIdentifier: 'dev-1' },
          { 'idempotency-key': 'once' },
        ),
      ),
    );
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(199);
    const path = `/v1/jobs/${String(answers[0]?.body['id'])}`;
    await expect.poll(async () => (await ask(urls[0] ?? '', 'GET', path)).body['state']).toBe('succeeded');
    expect(await emulator.effects('stop-db-cluster')).toHaveLength(1);
  });

  it('drains within its time on SIGTERM also when the store is gone, and answers 503 until then', async () => {
    const { env } = await bareMachine();
    const redis = await startRedisServer();
    closing.push(() => redis.stop());
    const service = start({ ...env, REDIS_URL: redis.url, NEPTUNE_OPS_DRAIN_MS: '1000' });
    const url = await service.started();
    await redis.kill();
    expect((await ask(url, 'GET', '/healthz')).status).toBe(200);
    expect((await ask(url, 'GET', '/readyz')).status).toBe(503);
    const refused = await ask(url, 'POST', '/v1/operations/stop-db-cluster', { dbClusterIdentifier: 'dev-1' });
    expect(refused).toMatchObject({ status: 503, body: { code: 'store-unreachable' } });
    // With 1 it would end itself by its own clock, five seconds after its time to drain.
    expect(await service.end('SIGTERM')).toMatchObject({ code: 0 });
  });
});
