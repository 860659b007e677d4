// A day in two minutes, for real: two service processes, BullMQ on Redis, HTTP, a file of schedules, and clusters and graphs
// that are put to sleep at one minute and woken at the next. One set of jobs, each announced once.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';
import { receiveEvents } from '../support/received-events.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { type ServiceProcess, ask, startServiceProcess } from '../support/service-process.ts';

const clusters = 12;
const minute = 60_000;
let redis: RedisServer;
let emulator: Emulator;
let folder: string;
const processes: ServiceProcess[] = [];

beforeAll(async () => {
  [redis, emulator] = await Promise.all([startRedisServer(), startEmulator()]);
  folder = mkdtempSync(join(tmpdir(), 'neptune-ops-day-'));
  for (let i = 0; i < clusters; i += 1) await emulator.account.addCluster({ identifier: `dev-${i}`, instances: 2 });
  await emulator.account.addCluster({ identifier: 'used-1', busy: { gremlinQueries: 1 } });
  await emulator.account.addCluster({ identifier: 'other-1' });
  emulator.account.addGraph({ id: 'g-sleeper001', name: 'catalogue', tags: { Schedule: 'day' } });
}, 60_000);

afterAll(async () => {
  await Promise.all(processes.map((each) => each.end('SIGKILL')));
  await Promise.all([redis.stop(), emulator.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** `2027-03-08T07:00`, as the file has it, in UTC. */
function wall(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

describe('a day in two minutes', () => {
  it('puts everything to sleep and wakes it, once, and tells what it saved', async () => {
    const dusk = Math.ceil(Date.now() / minute + 0.4) * minute;
    const dawn = dusk + minute;
    const file = join(folder, 'schedules.yaml');
    const once = `{ from: ${wall(dusk)}, to: ${wall(dawn)}, running: false }`;
    const applies = `[{ clusters: ['dev-*', used-1] }, { tag: Schedule=day }]`;
    writeFileSync(
      file,
      `version: 1\nschedules:\n  day:\n    timeZone: UTC\n    running: always\n    once: [${once}]\n    applies: ${applies}\n`,
    );
    const queueUrl = emulator.createQueue('events');
    const env = {
      ...emulator.env,
      PORT: '0',
      REDIS_URL: redis.url,
      NEPTUNE_OPS_EVENTS_QUEUE_URL: queueUrl,
      NEPTUNE_OPS_SCHEDULES_FILE: file,
      NEPTUNE_OPS_SCHEDULES_TICK_MS: '1000',
      NEPTUNE_OPS_SCHEDULES_SHORTEST_SLEEP_MS: '10000',
      NEPTUNE_OPS_POLL_MAX_MS: '500',
      NEPTUNE_OPS_RATE_NEPTUNE: '50',
    };
    processes.push(startServiceProcess(env), startServiceProcess(env));
    const [url = ''] = await Promise.all(processes.map((each) => each.started()));
    const state = () => emulator.account.describe();
    const managedResources = [
      ...Array.from({ length: clusters }, (_, i) => `db-cluster/dev-${i}`),
      'graph/g-sleeper001',
    ];
    const asleep = () => managedResources.filter((name) => /^stopped$/i.test(state()[name] ?? '')).length;
    const awake = () => managedResources.filter((name) => /^available$/i.test(state()[name] ?? '')).length;

    await until(() => asleep() === managedResources.length, dawn - 5_000);
    expect(state()['db-cluster/used-1']).toBe('available');
    expect(state()['db-cluster/other-1']).toBe('available');
    // One of two dies in the night.
    await processes[1]?.end('SIGKILL');
    await until(() => awake() === managedResources.length, dawn + 60_000);

    const events = await receiveEvents(queueUrl, managedResources.length * 2);
    expect(events.map(({ type }) => type)).toEqual(events.map(() => 'neptune-ops.job.succeeded'));
    for (const name of managedResources) {
      const kind = name.startsWith('graph/') ? 'graph' : 'db-cluster';
      expect(emulator.journal.effects(`stop-${kind}`, name), name).toHaveLength(1);
      expect(emulator.journal.effects(`start-${kind}`, name), name).toHaveLength(1);
    }
    await pause(2_000);
    const { body } = await ask(url, 'GET', '/v1/savings');
    const rows = body['rows'] as { resource: string; asleepHours: number }[];
    for (const name of managedResources) {
      const hours = rows.find(({ resource }) => resource === `default/${name}`)?.asleepHours ?? 0;
      expect(hours * 3_600, name).toBeGreaterThan(30);
      expect(hours * 3_600, name).toBeLessThan(66);
    }
  }, 300_000);
});

async function until(holds: () => boolean, latest: number): Promise<void> {
  while (!holds()) {
    if (Date.now() > latest)
      throw new Error(`not by ${new Date(latest).toISOString()}: ${JSON.stringify(emulator.account.describe())}`);
    await pause(100);
  }
}
