// A whole service whose Redis goes away, is the wrong one, doesn't answer or is full: what it says, does, and does after that.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { startRedisProxy } from '../support/redis-proxy.ts';
import { startEmulatorProcess } from '../support/emulator-process.ts';
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts';
import { ask, startServiceProcess } from '../support/service-process.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

describe.skipIf(!hasRedisServer())('a service with three targets', () => {
  it('says in one line that Redis is gone, and in one that it is back, and works again', async () => {
    const [emulator, redis] = await Promise.all([startEmulatorProcess(), startRedisServer({ appendonly: true })]);
    closing.push(
      () => emulator.close(),
      () => redis.stop(),
    );
    const service = startServiceProcess({
      ...emulator.env,
      REDIS_URL: redis.url,
      PORT: '0',
      NEPTUNE_OPS_TARGETS: 'two=us-east-1; three=us-west-2',
      NEPTUNE_OPS_EVENTS_QUEUE_URL: await emulator.createQueue('events'),
      NEPTUNE_OPS_POLL_MAX_MS: '300',
    });
    closing.push(() => service.end('SIGKILL'));
    const url = await service.started();
    const stop = { dbClusterIdentifier: 'dev-1' };
    const { body } = await ask(url, 'POST', '/v1/operations/stop-db-cluster', stop);
    const before = service.log().length;
    await redis.kill();
    await pause(5_000);
    await redis.restart();
    await expect.poll(service.log).toContain('Redis is back');
    const event = async () => (await ask(url, 'GET', `/v1/jobs/${String(body['id'])}`)).body['event'];
    await expect.poll(event).toBe('sent');
    const lines = service.log().slice(before).trimEnd().split('\n');
    const about = lines.map((line) => JSON.parse(line) as { level: string; msg: string; errors?: number });
    expect(about.filter(({ msg }) => msg.includes('Redis can’t be reached')).length).toBe(1);
    expect(about.filter(({ msg }) => msg === 'Redis is back').length).toBe(1);
    const rest = about.filter(({ level, msg }) => level !== 'info' && !msg.includes('Redis can’t be reached'));
    expect(rest.length, lines.join('\n')).toBeLessThanOrEqual(3);
    // Lines of the job say whose they are.
    const ended = lines.find((line) => line.includes('"job ended"'));
    expect(JSON.parse(ended ?? '{}')).toMatchObject({
      job: body['id'],
      operation: 'stop-db-cluster',
      resource: 'default/db-cluster/dev-1',
      state: 'succeeded',
    });
  });
});

describe.skipIf(!hasRedisServer())('a service, not restarted,', () => {
  /** A service on an address that leads to a Redis, and what is asked of it. */
  async function onAddress() {
    const [emulator, redis] = await Promise.all([startEmulatorProcess(), startRedisServer()]);
    await emulator.setDurations({ stopMs: 500 });
    const proxy = await startRedisProxy(redis.url);
    closing.push(
      () => emulator.close(),
      () => redis.stop(),
      () => proxy.close(),
    );
    const ids = ['out-1', 'out-2', 'out-3'];
    for (const identifier of ids) await emulator.addCluster({ identifier, dataPlane: false });
    const service = startServiceProcess({
      ...emulator.env,
      REDIS_URL: proxy.url,
      PORT: '0',
      NEPTUNE_OPS_EVENTS_QUEUE_URL: await emulator.createQueue('events'),
      NEPTUNE_OPS_POLL_MAX_MS: '300',
      NEPTUNE_OPS_REDIS_TIMEOUT_MS: '2000',
    });
    closing.push(() => service.end('SIGKILL'));
    const url = await service.started();
    const stop = (id: string) =>
      ask(url, 'POST', '/v1/operations/stop-db-cluster', { dbClusterIdentifier: id }, { 'idempotency-key': id });
    const ready = async () => (await ask(url, 'GET', '/readyz')).body['reasons'];
    const event = async (id: string) => (await ask(url, 'GET', `/v1/jobs/${id}`)).body['event'];
    /** Accepts a request, done and announced once. */
    const works = async (id: string) => {
      let job = '';
      const accepted = async () => {
        const { status, body } = await stop(id);
        job = String(body['id']);
        return status;
      };
      await expect.poll(accepted).toBeLessThan(300);
      await expect.poll(() => event(job)).toBe('sent');
      expect(await emulator.effects('stop-db-cluster', `db-cluster/${id}`)).toHaveLength(1);
    };
    const said = (text: string) =>
      service
        .log()
        .split('\n')
        .filter((line) => line.includes(text)).length;
    return { redis, proxy, works, stop, ready, event, said, emulator };
  }

  it('goes on with the new primary after a failover, and isn’t ready until the address leads there', async () => {
    const { redis, proxy, works, ready } = await onAddress();
    const next = await startRedisServer();
    const [admin, nextAdmin] = [new Redis(redis.url), new Redis(next.url)];
    closing.push(
      () => next.stop(),
      () => admin.disconnect(),
      () => nextAdmin.disconnect(),
    );
    await nextAdmin.call('REPLICAOF', '127.0.0.1', new URL(redis.url).port);
    await expect.poll(() => nextAdmin.info('replication')).toContain('master_link_status:up');
    await nextAdmin.call('REPLICAOF', 'NO', 'ONE');
    await admin.call('REPLICAOF', '127.0.0.1', new URL(next.url).port);
    await expect.poll(ready).toEqual(['The store takes no writes: it is a replica.']);
    proxy.leadTo(next.url);
    await expect.poll(ready).toEqual([]);
    await works('out-1');
  });

  it('drops connections that aren’t answered any more, those of workers too', async () => {
    const { proxy, works, ready } = await onAddress();
    await works('out-1');
    expect(proxy.silence()).toBeGreaterThan(4);
    await works('out-2');
    await expect.poll(ready).toEqual([]);
    await works('out-3');
  });

  it('says once that Redis’ memory is full, isn’t ready, asks little, and goes on once there is room', async () => {
    const { redis, works, stop, ready, event, said, emulator } = await onAddress();
    await works('out-1');
    const { body } = await stop('out-2');
    const job = String(body['id']);
    const admin = new Redis(redis.url);
    closing.push(() => admin.disconnect());
    await admin.config('SET', 'maxmemory', '1');
    const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await admin.info('stats'))?.[1]);
    const before = await commands();
    const full = ['The store takes no writes: its memory is full (maxmemory).'];
    expect(await ready()).toEqual(full);
    expect(await stop('out-3')).toMatchObject({ status: 503, body: { code: 'store-unreachable' } });
    await pause(5_000);
    expect(await ready()).toEqual(full);
    expect((await commands()) - before).toBeLessThan(5_000);
    expect(said('its memory is full')).toBe(1);
    await admin.config('SET', 'maxmemory', '0');
    await expect.poll(ready).toEqual([]);
    await expect.poll(() => event(job)).toBe('sent');
    await works('out-3');
    await expect.poll(() => said('Redis is back')).toBe(1);
    expect(await emulator.effects('stop-db-cluster')).toHaveLength(3);
  });
});
