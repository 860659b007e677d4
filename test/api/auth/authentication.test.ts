// What a 401 tells whoever asked without a key, at each of the doors.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMetricsServer } from '../../../src/api/metrics-server.ts';
import type { Config } from '../../../src/config.ts';
import { serviceMetrics } from '../../../src/metrics/service-metrics.ts';
import { type OpenStorage, silent, storageKinds } from '../../support/storages.ts';
import { keyOf } from '../board/board-service.ts';
import { doorConfig, openDoor } from '../server.ts';

const { entry, key } = keyOf('reader', ['read']);
const config: Config = { ...doorConfig, NEPTUNE_OPS_API_KEYS: JSON.stringify([entry]) };
const challenge = 'Bearer realm="neptune-ops"';

describe('a 401', () => {
  let place: OpenStorage;
  beforeAll(async () => {
    place = await (storageKinds().at(-1) as ReturnType<typeof storageKinds>[number]).open();
  });
  afterAll(() => place.close());

  it('of the door says how to show who one is, and no other answer does', async () => {
    const door = openDoor(place.storage, config);
    const ask = async (url: string, authorization?: string) => {
      const { statusCode, headers } = await door.ask('GET', url, { headers: authorization ? { authorization } : {} });
      return [statusCode, headers['www-authenticate']];
    };
    for (const url of ['/v1/jobs', '/v1/jobs/x/events', '/nowhere', '/metrics']) {
      expect(await ask(url), url).toEqual([401, challenge]);
    }
    const { headers: bare } = await door.ask('GET', '/v1/jobs');
    expect(bare['x-content-type-options']).toBe('nosniff');
    expect(await ask('/v1/jobs', 'Basic bmVwdHVuZTpvcHM=')).toEqual([401, challenge]);
    expect(await ask('/v1/jobs', `Bearer ${key}`)).toEqual([200, undefined]);
    expect(await ask('/nowhere', `Bearer ${key}`)).toEqual([404, undefined]);
    const headers = { host: '127.0.0.1:3000', 'sec-fetch-site': 'same-origin' };
    const signIn = await door.ask('POST', '/sign-in', { headers, payload: { key: 'wrong.key' } });
    expect([signIn.statusCode, signIn.headers['www-authenticate']]).toEqual([401, challenge]);
    await door.close();
  });

  it('of a worker’s small door does so too', async () => {
    const metrics = serviceMetrics(config, 'worker', place.storage);
    const settings = { storage: place.storage, log: silent, metrics, schedules: undefined };
    const door = await startMetricsServer(config, 0, settings);
    const { status, headers } = await fetch(`${door.url}/metrics`);
    expect([status, headers.get('www-authenticate')]).toEqual([401, challenge]);
    await door.close();
  });
});
