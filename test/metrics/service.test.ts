// Where each part of the service answers for its metrics, as its settings say.
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { type Role, startService } from '../../src/service.ts';
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts';
import { silent } from '../support/storages.ts';
import { hasProgram } from '../monitoring/programs.ts';
import { valueOf } from './scrape.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(role: Role, settings: Record<string, string>): ReturnType<typeof startService> {
  const given = { AWS_REGION: 'eu-west-1', PORT: '0', NEPTUNE_OPS_BOARD: 'off', ...settings };
  const service = await startService(readConfig(given), role, silent);
  closing.push(() => service.close());
  return service;
}
const embedded = { NEPTUNE_OPS_DATA_DIR: 'memory://' };

describe('a service', () => {
  it('answers at its door, and opens no other port for it', async () => {
    const service = await start('all', { ...embedded, NEPTUNE_OPS_METRICS_PORT: '0' });
    const text = await (await fetch(`${service.url}/metrics`)).text();
    expect(valueOf(text, 'neptune_ops_build_info', { role: 'all', store: 'embedded' })).toBe(1);
    expect(valueOf(text, 'neptune_ops_workers_alive')).toBe(1);
    expect(service.metricsUrl).toBeUndefined();
  });

  it.skipIf(!hasProgram('promtool'))(
    'answers as Prometheus’ own check wants it (skipped without promtool)',
    async () => {
      const service = await start('all', embedded);
      const input = await (await fetch(`${service.url}/metrics`)).text();
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
      expect(`${stdout}${stderr}`).toBe('');
      expect(status).toBe(0);
    },
  );

  it('does not answer, and measures nothing, with NEPTUNE_OPS_METRICS=off', async () => {
    const service = await start('all', { ...embedded, NEPTUNE_OPS_METRICS: 'off' });
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404);
  });

  it.skipIf(!hasRedisServer())('of workers alone answers at the port of the settings, with health', async () => {
    const redis = await startRedisServer();
    closing.push(() => redis.stop());
    const worker = await start('worker', { REDIS_URL: redis.url, NEPTUNE_OPS_METRICS_PORT: '0' });
    const text = await (await fetch(`${worker.metricsUrl}/metrics`)).text();
    expect(valueOf(text, 'neptune_ops_build_info', { role: 'worker', store: 'redis' })).toBe(1);
    expect((await fetch(`${worker.metricsUrl}/readyz`)).status).toBe(200);
    expect(worker.url).toBeUndefined();
    const doorless = await start('worker', { REDIS_URL: redis.url });
    expect([doorless.url, doorless.metricsUrl]).toEqual([undefined, undefined]);
  });
});
