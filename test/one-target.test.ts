// One target whose credentials never come, in a whole service: the other target's jobs, ticks and dry runs go on, and what is
// asked of the one ends in time.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { newDataFolder } from './support/data-folder.ts';
import { type ServiceProcess, ask, startServiceProcess } from './support/service-process.ts';

let emulator: Emulator;
let sts: Server;
let service: ServiceProcess;
let url: string;
let folder: string;

beforeAll(async () => {
  emulator = await startEmulator();
  for (const identifier of ['dev-1', 'dev-2', 'dev-3'])
    await emulator.account.addCluster({ identifier, dataPlane: false, status: 'stopped' });
  // Accepts, and never answers.
  sts = createServer({ requestTimeout: 0 }, () => undefined).listen(0, '127.0.0.1');
  await once(sts, 'listening');
  folder = await newDataFolder();
  const file = join(folder, '..', `${folder.split('/').at(-1)}.yaml`);
  writeFileSync(
    file,
    [
      'version: 1',
      'timeZone: UTC',
      'schedules:',
      '  always:',
      "    running: [{ days: mon-sun, from: '00:00', to: '24:00' }]",
      '    applies: [{ clusters: [dev-3] }, { clusters: [dev-3], target: prod }]',
    ].join('\n'),
  );
  service = startServiceProcess({
    ...emulator.env,
    AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(sts.address() as AddressInfo).port}`,
    NEPTUNE_OPS_TARGETS: 'prod=us-east-1 arn:aws:iam::123456789012:role/neptune-ops',
    NEPTUNE_OPS_SCHEDULES_FILE: file,
    NEPTUNE_OPS_SCHEDULES_TICK_MS: '500',
    NEPTUNE_OPS_DATA_DIR: folder,
    NEPTUNE_OPS_POLL_MAX_MS: '200',
    PORT: '0',
  });
  url = await service.started();
});
afterAll(async () => {
  await service?.end('SIGKILL');
  sts?.closeAllConnections();
  sts?.close();
  await emulator?.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = (id: string, target: string, more = '') =>
  ask(url, 'POST', `/v1/operations/start-db-cluster?target=${target}${more}`, { dbClusterIdentifier: id });
const stateOf = async (id: string) => (await ask(url, 'GET', `/v1/jobs/${id}`)).body as Record<string, unknown>;

it('the good target goes on in jobs, ticks and readiness; what is asked of the other says what is wrong, and is cancelled', async () => {
  const bad = (await start('dev-1', 'prod')).body as { id: string };
  const good = (await start('dev-1', 'default')).body as { id: string };
  await expect.poll(async () => (await stateOf(good.id))['state'], { timeout: 60_000 }).toBe('succeeded');
  // By its schedule, though the looks of the same ticks at the other target come to nothing.
  await expect.poll(() => emulator.account.clusters.get('dev-3')?.status.now, { timeout: 60_000 }).toBe('available');
  await expect
    .poll(async () => (await stateOf(bad.id))['reason'], { timeout: 60_000 })
    .toMatch(/role\/neptune-ops: TimeoutError: their source did not answer within 5 s/);
  const dry = await start('dev-2', 'prod', '&dry-run=true');
  expect(dry.status).toBe(502);
  expect(JSON.stringify(dry.body)).toContain('did not answer within 5 s');
  const ready = await ask(url, 'GET', '/readyz');
  expect(ready.status).toBe(200);
  expect(ready.body).toMatchObject({ warnings: expect.arrayContaining([expect.stringContaining('target prod')]) });
  expect(service.log()).toContain('did not answer within 5 s');
  await ask(url, 'DELETE', `/v1/jobs/${bad.id}`);
  await expect.poll(async () => (await stateOf(bad.id))['state'], { timeout: 60_000 }).toBe('cancelled');
}, 240_000);
