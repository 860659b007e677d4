import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  anybody,
  demandAll,
  demandReach,
  demandScope,
  holderOf,
  may,
  nobody,
} from '../../../src/api/auth/authorization.ts';
import { type ApiKey, createKey } from '../../../src/api/auth/api-keys.ts';
import type { Config } from '../../../src/config.ts';
import { startHeartbeat } from '../../../src/queue/heartbeat.ts';
import { type OpenStorage, storageKinds } from '../../support/storages.ts';
import { type TestDoor, doorConfig, openDoor } from '../server.ts';

const key = (scopes: string[], more: Partial<ApiKey> = {}) =>
  createKey({ name: scopes.join(' '), scopes, targets: ['*'], resources: ['*'], ...more });

const everything = key(['read', 'cancel', 'events', 'hold', 'operation:*', 'operation:fast-reset']);
const reader = key(['read']);
const wildcard = key(['operation:*']);
const dev = key(['read', 'cancel', 'operation:*'], { targets: ['default'], resources: ['db-cluster/dev-*'] });
const holders = {
  'one target': key(['read', 'hold'], { targets: ['default'] }),
  'each target by name': key(['read', 'hold'], { targets: ['default', 'prod'] }),
  'every target, some resources': key(['read', 'hold'], { resources: ['db-cluster/*'] }),
  'some resources, by patterns that the target’s name fits': key(['read', 'hold'], { resources: ['d*'] }),
};
const keys = [everything, reader, wildcard, dev, ...Object.values(holders)];

describe('who asks', () => {
  it('may do anything only where there are no keys, and what its key says where there are', () => {
    expect(may({ caller: anybody }, () => false)).toBe(true);
    expect(may({ caller: holderOf(reader.entry) }, ({ id }) => id === reader.entry.id)).toBe(true);
    expect(may({ caller: holderOf(reader.entry) }, () => false)).toBe(false);
  });

  it.each([
    ['has shown no key', { caller: nobody }],
    ['nobody has looked at', {}],
    ['has lost their key', { caller: { ...holderOf(everything.entry), key: undefined } }],
    ['has something like a key but is not said to be its holder', { caller: { ...nobody, key: everything.entry } }],
  ])('may do nothing who %s', (_what, request) => {
    const asking = request as { caller: typeof nobody };
    expect(() => demandScope(asking, 'read')).toThrow();
    expect(() => demandAll(asking)).toThrow();
    expect(() => demandReach(asking, 'default', 'default/db-cluster/dev-1')).toThrow();
  });
});

describe('a door with keys', () => {
  let place: OpenStorage;
  let door: TestDoor;
  let worker: Awaited<ReturnType<typeof startHeartbeat>>;
  let lines: Record<string, unknown>[] = [];

  beforeAll(async () => {
    place = await (storageKinds()[0] as ReturnType<typeof storageKinds>[number]).open();
    const config: Config = { ...doorConfig, NEPTUNE_OPS_API_KEYS: JSON.stringify(keys.map(({ entry }) => entry)) };
    const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    door = openDoor(place.storage, config, undefined, log);
    worker = await startHeartbeat(place.storage.store);
  });
  beforeEach(() => (lines = []));
  afterEach(() => void vi.useRealTimers());
  afterAll(async () => {
    await worker.stop();
    await door.close();
    await place.close();
  });

  const as = (who: { key: string } | undefined) => (who ? { authorization: `Bearer ${who.key}` } : {});
  const stop = (who: { key: string } | undefined, dbClusterIdentifier: string, query = '') =>
    door.ask('POST', `/v1/operations/stop-db-cluster${query}`, { headers: as(who), payload: { dbClusterIdentifier } });

  it('answers nothing without a key but health and the documents', async () => {
    for (const url of ['/healthz', '/readyz', '/openapi.json', '/docs/']) {
      expect((await door.ask('GET', url)).statusCode, url).toBe(200);
    }
    for (const url of ['/v1/jobs', '/v1/jobs/x', '/v1/operations', '/v1/hold', '/nothing', '/docsx', '//v1/jobs']) {
      const answer = await door.ask('GET', url);
      expect(answer.statusCode, url).toBe(401);
      expect(answer.json()).toMatchObject({ code: 'unauthorized' });
    }
    expect((await door.ask('GET', '/v1/jobs', { headers: { authorization: `Basic ${reader.key}` } })).statusCode).toBe(
      401,
    );
    expect(
      (await door.ask('GET', '/v1/jobs', { headers: { authorization: `Bearer ${reader.entry.id}.wrong` } })).statusCode,
    ).toBe(401);
  });

  it('lets a key do what its scopes say, and nothing else', async () => {
    expect((await stop(reader, 'a-1')).statusCode).toBe(403);
    expect((await stop(wildcard, 'a-1')).statusCode).toBe(202);
    expect((await door.ask('GET', '/v1/jobs', { headers: as(wildcard) })).statusCode).toBe(403);
    expect((await door.ask('PUT', '/v1/hold', { headers: as(reader), payload: { reason: 'x' } })).statusCode).toBe(403);
  });

  it('never lets a wildcard imply what erases', async () => {
    const reset = (who: { key: string }) =>
      door.ask('POST', '/v1/operations/fast-reset', {
        headers: as(who),
        payload: { dbClusterIdentifier: 'test-1', confirm: 'test-1' },
      });
    const refused = await reset(wildcard);
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({ code: 'forbidden' });
    expect((await reset(everything)).statusCode).toBe(202);
  });

  it('keeps a key to its targets and resources, in what it asks for, reads, lists and cancels', async () => {
    expect((await stop(dev, 'dev-1')).statusCode).toBe(202);
    expect((await stop(dev, 'prod-1')).statusCode).toBe(403);
    expect((await stop(dev, 'dev-1', '?target=prod')).statusCode).toBe(403);
    const { id } = (await stop(everything, 'prod-2')).json<{ id: string }>();
    expect((await door.ask('GET', `/v1/jobs/${id}`, { headers: as(dev) })).statusCode).toBe(404);
    expect((await door.ask('DELETE', `/v1/jobs/${id}`, { headers: as(dev) })).statusCode).toBe(404);
    expect((await door.ask('GET', `/v1/jobs/${id}/events`, { headers: as(dev) })).statusCode).toBe(404);
    const listed = (await door.ask('GET', '/v1/jobs', { headers: as(dev) })).json<{ jobs: { resource: string }[] }>();
    expect(listed.jobs.map(({ resource }) => resource)).toEqual(['default/db-cluster/dev-1']);
  });

  describe('that put holds on', () => {
    const put = (who: { key: string }, target: string) =>
      door.ask('PUT', '/v1/hold', { headers: as(who), payload: { target, reason: 'incident 42' } });
    const off = (who: { key: string }, target: string) =>
      door.ask('DELETE', `/v1/hold?target=${target}`, { headers: as(who) });
    const held = async (who: { key: string }) =>
      (await door.ask('GET', '/v1/hold', { headers: as(who) }))
        .json<{ holds: { target: string }[] }>()
        .holds.map(({ target }) => target)
        .toSorted();

    it.each(Object.entries(holders))('hold everything only where they reach everything: not %s', async (_what, who) => {
      const [on, removed] = [await put(who, 'all'), await off(who, 'all')];
      expect([on.json(), removed.json()]).toMatchObject([
        { status: 403, code: 'forbidden' },
        { status: 403, code: 'forbidden' },
      ]);
      expect(await held(everything)).toEqual([]);
      expect((await put(everything, 'all')).statusCode).toBe(200);
      expect((await off(who, 'all')).statusCode).toBe(403);
      expect(await held(everything)).toEqual(['all']);
      expect((await off(everything, 'all')).statusCode).toBe(204);
    });

    it('hold and see what they reach, and everybody sees that everything is held', async () => {
      const one = holders['one target'];
      expect((await put(one, 'prod')).statusCode).toBe(403);
      expect((await put(one, 'default')).statusCode).toBe(200);
      expect((await put(everything, 'prod')).statusCode).toBe(200);
      expect(await held(one)).toEqual(['default']);
      expect((await off(one, 'prod')).statusCode).toBe(403);
      expect((await put(everything, 'all')).statusCode).toBe(200);
      expect(await held(one)).toEqual(['all', 'default']);
      expect(await held(holders['each target by name'])).toEqual(['all', 'default', 'prod']);
      for (const target of ['all', 'default', 'prod']) expect((await off(everything, target)).statusCode).toBe(204);
      expect(await held(everything)).toEqual([]);
    });

    it('let a key that reaches some resources of a target see that they are held, why and since when, and no more', async () => {
      const part = [dev, holders['every target, some resources']];
      expect((await put(everything, 'default')).statusCode).toBe(200);
      expect((await put(everything, 'prod')).statusCode).toBe(200);
      const seen = (await door.ask('GET', '/v1/hold', { headers: as(dev) })).json<{ holds: object[] }>();
      expect(seen.holds).toEqual([
        {
          target: 'default',
          since: expect.stringMatching(/^\d{4}-.*Z$/),
          by: everything.entry.name,
          reason: 'incident 42',
        },
      ]);
      expect(await held(holders['every target, some resources'])).toEqual(['default', 'prod']);
      for (const who of part) {
        expect((await put(who, 'default')).json()).toMatchObject({ code: 'forbidden' });
        expect((await off(who, 'default')).json()).toMatchObject({ code: 'forbidden' });
      }
      expect(await held(everything)).toEqual(['default', 'prod']);
      for (const target of ['default', 'prod']) expect((await off(everything, target)).statusCode).toBe(204);
    });

    it('hold a target only where they reach all of it, whatever their resources are called', async () => {
      const odd = holders['some resources, by patterns that the target’s name fits'];
      expect((await put(odd, 'default')).json()).toMatchObject({ code: 'forbidden' });
      expect(await held(everything)).toEqual([]);
    });
  });

  it('keeps the idempotency keys of different callers apart', async () => {
    const once = (who: { key: string }, dbClusterIdentifier: string) =>
      door.ask('POST', '/v1/operations/stop-db-cluster', {
        headers: { ...as(who), 'idempotency-key': 'k' },
        payload: { dbClusterIdentifier },
      });
    expect((await once(everything, 'k-1')).statusCode).toBe(202);
    expect((await once(wildcard, 'k-2')).statusCode).toBe(202);
    expect((await once(everything, 'k-2')).statusCode).toBe(422);
  });

  it('writes an audit line for what is accepted, refused and cancelled, and never a secret', async () => {
    const { id } = (await stop(everything, 'audit-1')).json<{ id: string }>();
    await stop(reader, 'audit-1');
    await door.ask('DELETE', `/v1/jobs/${id}`, { headers: as(everything) });
    await door.ask('GET', '/v1/jobs', { headers: { authorization: 'Bearer guess.guessed-secret' } });
    const audits = lines.filter(({ msg }) => msg === 'audit');
    const about = { operation: 'stop-db-cluster', resource: 'default/db-cluster/audit-1' };
    expect(audits).toMatchObject([
      { who: everything.entry.id, method: 'POST', status: 202, job: id, ...about },
      { who: reader.entry.id, method: 'POST', status: 403, ...about },
      { who: everything.entry.id, method: 'DELETE', status: 202, job: id },
      { method: 'GET', status: 401 },
    ]);
    for (const { key: secret } of keys) expect(JSON.stringify(lines)).not.toContain(secret.split('.')[1]);
    expect(JSON.stringify(lines)).not.toContain('guessed-secret');
  });

  it('slows down a key that asks too often, with 429, and no other', async () => {
    const config: Config = {
      ...doorConfig,
      NEPTUNE_OPS_API_KEYS: JSON.stringify(keys.map(({ entry }) => entry)),
      NEPTUNE_OPS_REQUESTS_PER_MINUTE: 3,
    };
    // The minute is not over before the test, on however slow a machine.
    vi.useFakeTimers({ toFake: ['Date'] });
    const slow = openDoor(place.storage, config);
    const ask = (who: { key: string }) => slow.ask('GET', '/v1/operations', { headers: as(who) });
    for (let index = 0; index < 3; index += 1) expect((await ask(reader)).statusCode).toBe(200);
    const answer = await ask(reader);
    expect(answer.statusCode).toBe(429);
    expect(answer.headers['retry-after']).toBeDefined();
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ code: 'rate-limited' });
    expect((await ask(everything)).statusCode).toBe(200);
    // Whoever asks most from the address of a proxy must not have the service taken for dead by it.
    for (const url of ['/healthz', '/readyz']) {
      for (let index = 0; index < 5; index += 1) expect((await slow.ask('GET', url)).statusCode, url).not.toBe(429);
    }
    await slow.close();
  });
});

describe('a door without keys', () => {
  it('answers under loopback names only, so that no web page can ask by another name', async () => {
    const place = await (storageKinds().at(-1) as ReturnType<typeof storageKinds>[number]).open();
    const door = openDoor(place.storage);
    const ask = (host: string) => door.ask('GET', '/v1/operations', { headers: { host } });
    for (const host of ['127.0.0.1:3000', 'localhost', '[::1]:3000'])
      expect((await ask(host)).statusCode, host).toBe(200);
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:3000']) {
      expect((await ask(host)).statusCode, host).toBe(403);
    }
    await door.close();
    await place.close();
  });

  it('lets no web page change anything, also by requests that a browser sends without asking first', async () => {
    const place = await (storageKinds().at(-1) as ReturnType<typeof storageKinds>[number]).open();
    const door = openDoor(place.storage);
    const send = async (headers: Record<string, string>) =>
      (await door.ask('POST', '/v1/jobs/x/event', { headers: { host: 'localhost:3000', ...headers } })).json<{
        code: string;
      }>().code;
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'http://localhost:4000' },
      { origin: 'http://evil.example' },
      { origin: 'null' },
    ]) {
      expect(await send(headers as Record<string, string>), JSON.stringify(headers)).toBe('cross-site');
    }
    // Programs, and the documents' own page.
    for (const headers of [{}, { 'sec-fetch-site': 'same-origin' }, { origin: 'http://localhost:3000' }]) {
      expect(await send(headers as Record<string, string>), JSON.stringify(headers)).toBe('job-not-found');
    }
    await door.close();
    await place.close();
  });
});
