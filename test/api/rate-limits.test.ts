// How often somebody without a valid key may ask, and that nobody else pays for it.
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { limitRequests } from '../../src/api/rate-limits.ts';
import { startMetricsServer } from '../../src/api/metrics-server.ts';
import { openSession } from '../../src/api/auth/session.ts';
import type { Config } from '../../src/config.ts';
import { serviceMetrics } from '../../src/metrics/service-metrics.ts';
import { type OpenStorage, silent, storageKinds } from '../support/storages.ts';
import { keyOf } from './board/board-service.ts';
import { type TestDoor, doorConfig, openDoor } from './server.ts';

/** How many requests a minute an address may send without a key. */
const strangersPerMinute = 60;

const reader = keyOf('reader', ['read']);
const config: Config = { ...doorConfig, NEPTUNE_OPS_API_KEYS: JSON.stringify([reader.entry]) };

describe('an address that shows no valid key', () => {
  let place: OpenStorage;
  let door: TestDoor;
  beforeAll(async () => {
    place = await (storageKinds().at(-1) as ReturnType<typeof storageKinds>[number]).open();
  });
  afterAll(() => place.close());
  // A minute is over when the test says so, however long the machine takes.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
    door = openDoor(place.storage, config);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await door.close();
  });

  const host = '127.0.0.1:3000';
  const ask = (headers: Record<string, string> = {}, remoteAddress = '10.0.0.1', url = '/v1/jobs') =>
    door.ask('GET', url, { headers: { host, ...headers }, remoteAddress });
  const wrong: Record<string, string>[] = [
    {},
    { authorization: `Bearer ${reader.entry.id}.wrong` },
    { authorization: `Basic ${reader.key}` },
    { cookie: 'neptune-ops-session=none-of-ours' },
  ];
  const useUp = async (remoteAddress?: string) => {
    for (let index = 0; index < strangersPerMinute; index += 1) {
      const url = index % 2 ? '/v1/jobs' : '/nothing';
      expect((await ask(wrong[index % wrong.length], remoteAddress, url)).statusCode).toBe(401);
    }
  };

  it('is not led to signing in without end with cookies that it made up', async () => {
    const page = (cookie: string) => ask({ accept: 'text/html', cookie: `neptune-ops-session=${cookie}` });
    for (let index = 0; index < strangersPerMinute; index += 1) {
      expect((await page(`made-up-${index}`)).statusCode).toBe(303);
    }
    expect((await page('one-more')).statusCode).toBe(429);
    expect((await ask({ accept: 'text/html' })).statusCode).toBe(303);
  });

  it('is told to come back later once it has asked too often, whatever it shows and asks for', async () => {
    await useUp();
    for (const headers of wrong) {
      const answer = await ask(headers, undefined, '/v1/operations');
      expect(answer.statusCode).toBe(429);
      expect(answer.headers['retry-after']).toBe('60');
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.json()).toMatchObject({ code: 'rate-limited', detail: expect.stringContaining('this address') });
    }
    expect((await ask({}, '10.0.0.2')).statusCode).toBe(401);
    vi.setSystemTime(Date.now() + 60_000);
    expect((await ask()).statusCode).toBe(401);
  });

  it('takes nothing from the keys, sessions and pages that are asked for from the same address', async () => {
    const session = await openSession(place.storage.store, reader.entry);
    await useUp();
    expect((await ask()).statusCode).toBe(429);
    expect((await ask({ authorization: `Bearer ${reader.key}` })).statusCode).toBe(200);
    expect((await ask({ cookie: `neptune-ops-session=${session}` })).statusCode).toBe(200);
    for (const url of ['/healthz', '/openapi.json', '/sign-in']) {
      expect((await ask({}, undefined, url)).statusCode, url).toBe(200);
    }
    const person = await ask({ accept: 'text/html' });
    expect([person.statusCode, person.headers.location]).toEqual([303, '/sign-in?next=%2Fv1%2Fjobs']);
    // Nor is what a valid key asks counted for a stranger.
    const busy = openDoor(place.storage, config);
    for (let index = 0; index <= strangersPerMinute; index += 1) {
      await busy.ask('GET', '/v1/jobs', { headers: { authorization: `Bearer ${reader.key}` } });
    }
    expect((await busy.ask('GET', '/v1/jobs')).statusCode).toBe(401);
    await busy.close();
  });

  it('is one with all others of its IPv6 network', async () => {
    await useUp('2001:db8:0:1::1');
    expect((await ask({}, '2001:db8:0:1:ffff::2')).statusCode).toBe(429);
    expect((await ask({}, '2001:db8:0:2::1')).statusCode).toBe(401);
  });

  it('is slowed down at a worker’s small door too', async () => {
    const metrics = serviceMetrics(config, 'worker', place.storage);
    const settings = { storage: place.storage, log: silent, metrics, schedules: undefined };
    const small = await startMetricsServer(config, 0, settings);
    const statuses: number[] = [];
    for (let index = 0; index <= strangersPerMinute; index += 1) {
      statuses.push((await fetch(`${small.url}/metrics`)).status);
    }
    expect([statuses.at(0), statuses.at(-2), statuses.at(-1)]).toEqual([401, 401, 429]);
    await small.close();
  });

  it('is forgotten for others in the end, so that any number of addresses takes no more memory', async () => {
    const server = Fastify();
    const count = limitRequests(server, 1_000);
    server.addHook('onRequest', async (request, reply) => void (await count(request, reply)));
    server.get('/', { config: { rateLimit: false } }, () => 'passed');
    const from = async (remoteAddress: string) => (await server.inject({ url: '/', remoteAddress })).statusCode;
    for (let index = 0; index < strangersPerMinute; index += 1) await from('10.0.0.1');
    expect(await from('10.0.0.1')).not.toBe(200);
    for (let index = 0; index < 5_000; index += 1) await from(`10.1.${index >> 8}.${index & 255}`);
    expect(await from('10.0.0.1')).toBe(200);
    await server.close();
  });
});
