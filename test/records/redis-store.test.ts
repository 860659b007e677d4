// What only the store on Redis can meet: cut connections, killed servers, full memory, a server that never comes back.

import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openRedisStore } from '../../src/records/redis-store.ts';
import type { Change, Store } from '../../src/records/store.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { soon } from '../support/patience.ts';

describe.skipIf(!hasRedisServer())('the store on Redis', () => {
  let server: RedisServer;
  let admin: Redis;
  const stores: Store[] = [];

  beforeAll(async () => {
    server = await startRedisServer({ appendonly: true });
    admin = connect();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await admin.flushall();
  });
  afterAll(async () => {
    admin?.disconnect();
    await server?.stop();
  });

  function connect(): Redis {
    const redis = new Redis(server.url, { retryStrategy: () => 20 });
    redis.on('error', () => {}); // a cut connection is what these tests are about
    return redis;
  }

  function open(): Store {
    const store = openRedisStore({ redis: connect() });
    stores.push(store);
    return store;
  }

  it('knows the time for ten seconds after it was told, without asking, where both clocks of the machine say so', async () => {
    const store = open();
    expect(store.knownTime()).toBeUndefined();
    const { at } = await store.read([]);
    const [heard, wall] = [performance.now(), Date.now()];
    const steady = vi.spyOn(performance, 'now');
    const settable = vi.spyOn(Date, 'now');
    const pass = (milliseconds: number, onTheWall = milliseconds) => {
      steady.mockImplementation(() => heard + milliseconds);
      settable.mockImplementation(() => wall + onTheWall);
      return store.knownTime();
    };
    const known = pass(9_000) ?? 0;
    const late = pass(10_001);
    const asleep = pass(9_000, 8 * 3_600_000);
    steady.mockRestore();
    settable.mockRestore();
    expect(Number.isInteger(known)).toBe(true);
    expect(known).toBeGreaterThanOrEqual(at + 9_000 - 1);
    // As long as the answer took to arrive, and to be looked at.
    expect(known).toBeLessThan(at + 9_000 + soon);
    expect([late, asleep]).toEqual([undefined, undefined]);
  });

  const pair = (i: number): Change[] => [
    { op: 'create', key: `a${i}`, value: i, indexes: { x: i } },
    { op: 'create', key: `b${i}`, value: i, indexes: { x: i, y: i } },
  ];

  /** Commits pairs while something goes wrong; answers which were acknowledged. */
  async function commitDuring(
    store: Store,
    pairs: number,
    trouble: (i: number) => Promise<unknown>,
  ): Promise<Set<number>> {
    const acknowledged = new Set<number>();
    const pending: Promise<unknown>[] = [];
    for (let i = 0; i < pairs; i += 1) {
      const keep = (answer: { ok: boolean }) => answer.ok && acknowledged.add(i);
      pending.push(store.commit(pair(i)).then(keep, () => {}));
      if (i % 100 === 50) await trouble(i);
    }
    await Promise.all(pending);
    return acknowledged;
  }

  async function expectWholePairs(pairs: number, acknowledged: Set<number>): Promise<number> {
    const store = open();
    const page = await store.page('x', { order: 'oldest', limit: 1_000 });
    expect(page.stale).toEqual([]);
    const found = new Set(page.records.map(({ key }) => key));
    for (let i = 0; i < pairs; i += 1) {
      expect(found.has(`a${i}`), `pair ${i}`).toBe(found.has(`b${i}`));
      if (acknowledged.has(i)) expect(found.has(`a${i}`), `acknowledged ${i}`).toBe(true);
    }
    const { records } = await store.read(Array.from({ length: pairs }, (_, i) => [`a${i}`, `b${i}`]).flat());
    expect(records.filter((record) => record !== undefined)).toHaveLength(found.size);
    expect(await store.count('y')).toBe(found.size / 2);
    return found.size / 2;
  }

  it('leaves nothing half when connections are cut in the middle of commits', async () => {
    const acknowledged = await commitDuring(open(), 400, () =>
      admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
    );
    expect(await expectWholePairs(400, acknowledged)).toBe(400);
  });

  it('leaves nothing half, and keeps what was acknowledged, when the server is killed in the middle of commits', async () => {
    const acknowledged = await commitDuring(open(), 400, () => server.restart());
    expect(acknowledged.size).toBeGreaterThan(0);
    await expectWholePairs(400, acknowledged);
  });

  it('leaves nothing half when Redis has no memory left', async () => {
    const store = open();
    const made = await store.commit([{ op: 'create', key: 'old', value: 1, indexes: { x: 1 } }]);
    const was = made.ok ? made.written[0] : undefined;
    if (!was) throw new Error('not made');
    await admin.config('SET', 'maxmemory', '1');
    try {
      await expect(
        store.commit([
          { op: 'delete', was },
          { op: 'create', key: 'new', value: 1 },
        ]),
      ).rejects.toThrow('OOM');
      expect((await store.read(['old', 'new'])).records).toEqual([was, undefined]);
      expect(await store.count('x')).toBe(1);
    } finally {
      await admin.config('SET', 'maxmemory', '0');
    }
  });

  it('keeps all its keys under one hash tag', async () => {
    await open().commit(pair(1));
    for (const key of await admin.keys('*')) expect(key).toMatch(/^\{neptune-ops\}:[rx]:/);
  });

  it('does not touch entries that stay as they were', async () => {
    const store = open();
    const made = await store.commit([{ op: 'create', key: 'a', value: 1, indexes: { x: 1, y: 1 } }]);
    const was = made.ok ? made.written[0] : undefined;
    if (!was) throw new Error('not made');
    await admin.del('{neptune-ops}:x:x');
    await store.commit([{ op: 'replace', was, value: 2, indexes: { x: 1, y: 2 } }]);
    expect(await store.count('x')).toBe(0);
    expect(await store.count('y')).toBe(1);
  });

  it.each(['hangs', 'is gone'])('closes within seconds when the server %s', async (how) => {
    const other = await startRedisServer();
    const redis = new Redis(other.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
    redis.on('error', () => {}); // the server's end is the point
    const store = openRedisStore({ redis });
    await store.read(['a']);
    if (how === 'hangs') await other.kill('SIGSTOP');
    else await Promise.all([once(redis, 'reconnecting'), other.kill()]);
    const started = Date.now();
    await store.close();
    expect(Date.now() - started).toBeLessThan(soon);
    const attempts: string[] = [];
    redis.on('reconnecting', () => attempts.push('reconnecting'));
    redis.on('connect', () => attempts.push('connect'));
    await pause(100);
    expect(attempts).toEqual([]);
    await other.stop();
  });
});
