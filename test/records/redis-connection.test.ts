// Connections to a Redis that is no longer the one to ask, or doesn't answer: real servers, and an address between that leads
// elsewhere or falls silent.
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { failFastConnection, patientConnection } from '../../src/records/redis-connection.ts';
import { type RedisProxy, startRedisProxy } from '../support/redis-proxy.ts';
import { type RedisServer, hasRedisServer, startRedisServer } from '../support/redis-server.ts';

/** Short enough to be waited for; a busy machine that doesn't answer in time is asked again. */
const timeout = 1_000;

describe.runIf(hasRedisServer())('a connection to Redis', () => {
  let one: RedisServer;
  let two: RedisServer;
  let proxy: RedisProxy;
  let redis: Redis;
  beforeAll(async () => {
    [one, two] = await Promise.all([startRedisServer(), startRedisServer()]);
  });
  beforeEach(async () => {
    proxy = await startRedisProxy(one.url);
    redis = failFastConnection(proxy.url, timeout);
    redis.on('error', () => undefined);
    await redis.connect();
  });
  afterEach(() => {
    redis.disconnect();
    proxy.close();
  });
  afterAll(async () => {
    await one?.stop();
    await two?.stop();
  });

  const patient = () => {
    const connection = patientConnection(redis, timeout);
    connection.on('error', () => undefined);
    return connection;
  };
  const write = (connection: Redis) => connection.set('a', 'b').catch((error: Error) => error.message);

  it('leaves a server that became a replica for the one that the address leads to by then', async () => {
    const [admin, worker] = [patient(), patient()];
    const blocking = worker.duplicate();
    blocking.on('error', () => undefined);
    await admin.call('REPLICAOF', '127.0.0.1', '1');
    try {
      expect(await write(redis)).toMatch(/^READONLY/);
      proxy.leadTo(two.url);
      await expect.poll(() => write(redis)).toBe('OK');
      await expect.poll(() => write(worker)).toBe('OK');
      const pop = () => blocking.bzpopmin('nothing', 0.01).catch((error: Error) => error.message);
      await expect.poll(pop).toBeNull();
      for (const connection of [redis, worker, blocking])
        expect(await connection.info('server')).toContain(`tcp_port:${new URL(two.url).port}`);
    } finally {
      // This one didn't try to write, and is still where it was.
      await admin.call('REPLICAOF', 'NO', 'ONE');
      for (const connection of [admin, worker, blocking]) connection.disconnect();
    }
  });

  it('is not made anew for every refusal, where the address leads nowhere else: seldom, and then more seldom', () => {
    const now = vi.spyOn(performance, 'now');
    const isLeft = (at: number) => {
      now.mockReturnValue(at);
      return redis.options.reconnectOnError?.(new Error('READONLY You can’t write against a read only replica.'));
    };
    try {
      // Calm for more than a minute, it begins anew.
      const times = [0, 999, 1_000, 2_999, 3_000, 6_999, 7_000, 11_999, 12_000, 16_999, 17_000, 77_001, 78_000, 78_001];
      expect(times.filter(isLeft)).toEqual([0, 1_000, 3_000, 7_000, 12_000, 17_000, 77_001, 78_001]);
    } finally {
      now.mockRestore();
    }
  });

  it('that falls silent is dropped after its time, and the next one answers', async () => {
    const worker = patient();
    await worker.ping();
    expect(proxy.silence()).toBe(2);
    const asked = worker.set('c', 'd');
    expect(await write(redis)).toBe('Command timed out');
    await expect.poll(() => write(redis)).toBe('OK');
    // Who is patient doesn't notice.
    expect(await asked).toBe('OK');
    worker.disconnect();
  });

  it('that blocks is dropped with the one beside it', async () => {
    const worker = patient();
    const blocking = worker.duplicate();
    await Promise.all([worker.ping(), blocking.ping()]);
    const popped = blocking.bzpopmin('marker', 0);
    proxy.silence();
    await worker.zadd('marker', 1, 'job');
    expect(await popped).toEqual(['marker', 'job', '1']);
    for (const connection of [worker, blocking]) connection.disconnect();
  });

  it('to a server that accepts and doesn’t become ready is given up, for one that does', async () => {
    const worker = patient();
    const blocking = worker.duplicate();
    await Promise.all([worker.ping(), blocking.ping()]);
    const popped = blocking.bzpopmin('later', 0);
    proxy.silenceNew(true);
    proxy.silence();
    const asked = worker.zadd('later', 1, 'job');
    expect(await write(redis)).toBe('Command timed out');
    await expect.poll(() => redis.status).toBe('connect');
    for (const connection of [worker, blocking]) await expect.poll(() => connection.status).toBe('connect');
    proxy.silenceNew(false);
    await expect.poll(() => write(redis)).toBe('OK');
    expect(await asked).toBe(1);
    expect(await popped).toEqual(['later', 'job', '1']);
    for (const connection of [worker, blocking]) connection.disconnect();
  });

  it('that ended with a question open leaves no timer behind that would drop the next one', async () => {
    proxy.silence();
    const asked = redis.ping().catch((error: Error) => error.message);
    expect(redis['socketTimeoutTimer']).toBeDefined();
    redis.disconnect(true);
    await expect.poll(() => redis.status).toBe('ready');
    expect(await asked).toBe('PONG');
    expect(redis['socketTimeoutTimer']).toBeUndefined();
  });
});
