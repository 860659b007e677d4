// Who gets the figures, at the door and at a worker's small one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from '../../src/api/server.ts';
import { createKey } from '../../src/api/auth/api-keys.ts';
import { startMetricsServer } from '../../src/api/metrics-server.ts';
import { readConfig } from '../../src/config.ts';
import { serviceMetrics } from '../../src/metrics/service-metrics.ts';
import { type OpenStorage, silent, storageKinds } from '../support/storages.ts';
import { valueOf } from './scrape.ts';

const key = (...scopes: string[]) => createKey({ name: 'x', scopes, targets: ['*'], resources: ['*'] });
const [prometheus, reader] = [key('metrics'), key('read', 'operation:*')];
const NEPTUNE_OPS_API_KEYS = JSON.stringify([prometheus.entry, reader.entry]);
const open = readConfig({ AWS_REGION: 'eu-west-1' });
const guarded = readConfig({ AWS_REGION: 'eu-west-1', NEPTUNE_OPS_API_KEYS });
const noDryRun = () => Promise.reject(new Error('This door knows no AWS.'));

describe('the figures', () => {
  let place: OpenStorage;
  beforeAll(async () => {
    place = await (storageKinds()[0] as ReturnType<typeof storageKinds>[number]).open();
  });
  afterAll(() => place.close());

  const doorOf = (config: typeof open) =>
    createServer(config, place.storage, silent, noDryRun, undefined, serviceMetrics(config, 'all', place.storage));

  it('are for whoever reaches a door without keys, in Prometheus’ own type', async () => {
    const door = doorOf(open);
    const answer = await door.inject('/metrics');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body).toContain('# HELP neptune_ops_store_up ');
    await door.close();
  });

  it('take a key with the scope metrics, which opens nothing else', async () => {
    const door = doorOf(guarded);
    const ask = (url: string, who?: { key: string }) =>
      door.inject({ url, headers: who ? { authorization: `Bearer ${who.key}` } : {} });
    expect((await ask('/metrics')).statusCode).toBe(401);
    expect((await ask('/metrics', reader)).statusCode).toBe(403);
    expect((await ask('/metrics', prometheus)).statusCode).toBe(200);
    expect((await ask('/v1/jobs', prometheus)).statusCode).toBe(403);
    await door.close();
  });

  it('are not there where the service does not measure itself', async () => {
    const door = createServer(open, place.storage, silent, noDryRun);
    expect((await door.inject('/metrics')).statusCode).toBe(404);
    await door.close();
  });

  it('tell requests by their route, never by what was asked for, also of those turned away', async () => {
    const door = doorOf(guarded);
    for (const url of ['/v1/jobs/a-job', '/v1/jobs/b-job', '/nothing-of-ours']) await door.inject({ url });
    const { body } = await door.inject({ url: '/metrics', headers: { authorization: `Bearer ${prometheus.key}` } });
    const count = 'neptune_ops_http_request_duration_seconds_count';
    expect(valueOf(body, count, { route: '/v1/jobs/:id', method: 'GET', status: '401' })).toBe(2);
    expect(valueOf(body, count, { route: 'other' })).toBe(1);
    expect(body).not.toMatch(/a-job|b-job|nothing-of-ours/);
    await door.close();
  });

  it('of a worker are at a door of their own, with health, and by the same keys', async () => {
    for (const [config, without] of [
      [open, 200],
      [guarded, 401],
    ] as const) {
      const metrics = serviceMetrics(config, 'worker', place.storage);
      const settings = { storage: place.storage, log: silent, metrics, schedules: undefined };
      const door = await startMetricsServer(config, 0, settings);
      const ask = async (path: string, who?: { key: string }) => {
        const headers = who ? { authorization: `Bearer ${who.key}` } : {};
        return (await fetch(`${door.url}${path}`, { headers })).status;
      };
      expect(door.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(await ask('/healthz')).toBe(200);
      expect(await ask('/metrics')).toBe(without);
      if (without === 401) expect(await ask('/metrics', prometheus)).toBe(200);
      if (without === 401) expect(await ask('/metrics', reader)).toBe(403);
      if (without === 200) expect(await ask('/v1/jobs')).toBe(404);
      await door.close();
    }
  });
});
