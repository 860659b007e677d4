// The page of what is trusted: the user of Redis that it gives the service can do all the service does, and no more.
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedisServer, type RedisServer, startRedisServer } from './support/redis-server.ts';
import { type RunningService, startRunningService } from './support/running-service.ts';

const line = /^ACL (SETUSER neptune-ops on >CHANGE-ME .*)$/m.exec(readFileSync('docs/security.md', 'utf8'))?.[1] ?? '';

describe.runIf(hasRedisServer())('the user of Redis that docs/security.md gives the service', () => {
  let server: RedisServer;
  let service: RunningService;
  let admin: Redis;
  let own: Redis;
  beforeAll(async () => {
    server = await startRedisServer({ appendonly: true, extraArguments: ['--appendfsync', 'always'] });
    admin = new Redis(server.url);
    expect(await admin.call('ACL', ...line.split(' '))).toBe('OK');
    const url = server.url.replace('//', '//neptune-ops:CHANGE-ME@');
    own = new Redis(url);
    service = await startRunningService({ REDIS_URL: url, NEPTUNE_OPS_BOARD: 'on' });
  });
  afterAll(async () => {
    await service?.close();
    own?.disconnect();
    admin?.disconnect();
    await server?.stop();
  });

  const ask = async (method: string, path: string, body?: object) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    return fetch(service.url + path, { method, ...(body ? json : {}) });
  };
  const end = async (id: string) =>
    (await (await fetch(`${service.url}/v1/jobs/${id}`, { headers: { prefer: 'wait=60' } })).json()) as object;

  it('does all that the service does, and was denied nothing', async () => {
    const reset = await ask('POST', '/v1/operations/fast-reset', { dbClusterIdentifier: 'dev-1', confirm: 'dev-1' });
    const { id } = (await reset.json()) as { id: string };
    const stop = await ask('POST', '/v1/operations/stop-db-cluster?on-busy=wait', { dbClusterIdentifier: 'dev-1' });
    const { id: second } = (await stop.json()) as { id: string };
    expect(await end(id)).toMatchObject({ state: 'succeeded' });
    expect(await end(second)).toMatchObject({ state: 'succeeded' });
    const answers = [
      await ask('PUT', '/v1/hold', { reason: 'trying it out' }),
      await ask('POST', '/v1/operations/start-db-cluster', { dbClusterIdentifier: 'dev-1' }),
      await ask('DELETE', '/v1/hold'),
      await ask('GET', '/v1/jobs?limit=1'),
      await ask('GET', '/readyz'),
      await ask('GET', '/metrics'),
      await ask('GET', '/board/api/queues?activeQueue=&status=latest&page=1&jobsPerPage=10'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 202, 204, 200, 200, 200, 200]);
    expect(await admin.call('ACL', 'LOG')).toEqual([]);
    expect(await admin.keys('*')).toSatisfy((keys: string[]) => keys.every((key) => key.startsWith('{neptune-ops}:')));
  });

  it.each([
    ['GET', 'others'],
    ['SET', 'others', 'x'],
    ['KEYS', '*'],
    ['FLUSHALL'],
    ['FLUSHDB'],
    ['CONFIG', 'SET', 'dir', '/tmp'],
    ['ACL', 'LIST'],
    ['MONITOR'],
    ['SHUTDOWN'],
    ['CLIENT', 'KILL', 'TYPE', 'normal'],
    ['REPLICAOF', 'NO', 'ONE'],
    ['MODULE', 'LIST'],
    ['PUBLISH', 'others', 'x'],
    ['SUBSCRIBE', 'others'],
    ['EVAL', "return redis.call('GET', 'others')", '0'],
  ])('may not %s %s', async (command, ...words) => {
    await expect(own.call(command, ...words)).rejects.toThrow(/NOPERM|can't access/);
  });
});
