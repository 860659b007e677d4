import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type StoreClient, connect, connectStore } from '../../src/index.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';
import { patience } from '../support/patience.ts';

describe.runIf(hasRedisServer())('the client straight to Redis', () => {
  let redis: RedisServer;
  let service: RunningService;
  let overHttp: Client;
  let client: StoreClient;

  beforeAll(async () => {
    redis = await startRedisServer();
    service = await startRunningService({ REDIS_URL: redis.url });
    overHttp = connect({ url: service.url });
    client = await connectStore({ redisUrl: redis.url, redisTimeoutMs: patience, resettable: ['default/Dev-1'] });
  });
  afterAll(async () => {
    await client?.close();
    await service?.close();
    await redis?.stop();
  });

  it('enqueues what the service carries out, and sees what the service sees', async () => {
    const job = await client.enqueue('stop-db-cluster', { dbClusterIdentifier: 'reports-1' });
    const same = await overHttp.enqueue('stop-db-cluster', { dbClusterIdentifier: 'reports-1' });
    expect(same.id).toBe(job.id);
    const ended = await client.waitFor(job, { timeoutMs: patience });
    expect(ended.outcome).toMatchObject({ state: 'succeeded', result: { status: 'stopped' } });
    const { links: _links, ...seen } = (await overHttp.get(job.id)) as typeof job & { links: unknown };
    expect(await client.get(job)).toEqual(seen);
    const listed = [];
    for await (const { id } of client.jobs({ operation: 'stop-db-cluster', since: new Date(0) })) listed.push(id);
    expect(listed).toEqual([job.id]);
    expect((await client.operations()).map(({ name }) => name)).toEqual(
      (await overHttp.operations()).map(({ name }) => name),
    );
  });

  it('refuses as the service does', async () => {
    const input = { dbClusterIdentifier: 'dev-2', confirm: 'dev-2' };
    await expect(client.enqueue('fast-reset', input)).rejects.toMatchObject({ code: 'cluster-not-resettable' });
    await expect(client.enqueue('stop-db-cluster', { dbClusterIdentifier: '-' })).rejects.toMatchObject({
      code: 'invalid-input',
      status: 400,
      errors: [{ path: 'dbClusterIdentifier' }],
    });
    const there = { dbClusterIdentifier: 'dev-2' };
    await expect(client.enqueue('stop-db-cluster', there, { target: 'moon' })).rejects.toMatchObject({
      code: 'unknown-target',
    });
    await expect(client.page({ since: 'yesterday' })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('cancels, and stops waiting when it is told to', async () => {
    const job = await client.enqueue('watch-import-task', { taskIdentifier: 't-cancel0001' });
    await expect(client.waitFor(job, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'wait-timed-out' });
    await client.cancel(job);
    expect((await client.waitFor(job, { timeoutMs: patience })).state).toBe('cancelled');
    await expect(client.cancel(job)).rejects.toMatchObject({ code: 'already-ended' });
    await expect(client.get('nowhere')).rejects.toMatchObject({ code: 'job-not-found', status: 404 });
  });

  it('makes one job of one call while Redis restarts, and says when it does not come back', async () => {
    const other = await startRedisServer({ appendonly: true });
    const patient = await connectStore({ redisUrl: other.url });
    const hasty = await connectStore({ redisUrl: other.url, retryForMs: 0 });
    await other.kill();
    await expect(hasty.get('1')).rejects.toMatchObject({ code: 'store-unreachable', status: 503 });
    const asked = patient.enqueue('stop-db-cluster', { dbClusterIdentifier: 'dev-1' });
    await other.restart();
    const job = await asked;
    expect((await patient.page()).jobs.map(({ id }) => id)).toEqual([job.id]);
    await Promise.all([patient.close(), hasty.close()]);
    await other.stop();
  });

  it('says that Redis can’t be reached, without its password', async () => {
    const nowhere = connectStore({ redisUrl: 'redis://someone:very-secret@127.0.0.1:1' });
    await expect(nowhere).rejects.toMatchObject({ code: 'store-unreachable' });
    await expect(nowhere).rejects.not.toThrow(/very-secret/);
  });
});
