// Measures what a tick costs with 1,000 and 10,000 clusters, beside only reading the same pages of AWS's lists, in one
// run, with the SDK's clients and the emulator. `npm run bench`; needs a redis-server on the PATH.
import { createAws } from '../src/aws/clients.ts';
import { lookAtDbClusters } from '../src/aws/inventory.ts';
import { ServiceError } from '../src/errors.ts';
import { createTurnableClock } from '../emulator/clock.ts';
import { startEmulator } from '../emulator/emulator.ts';
import { createLog } from '../src/log.ts';
import { openStorage } from '../src/queue/storage.ts';
import { createMemory, reconcile } from '../src/schedules/reconcile/reconcile.ts';
import type { SchedulePlan } from '../src/schedules/schedule.ts';
import { inventoryOf } from '../src/schedules/start.ts';
import type { ScheduleDependencies } from '../src/schedules/dependencies.ts';
import { startRedisServer } from '../test/support/redis-server.ts';
import { spread } from './spread.ts';

const place = { line: 1, column: 1 };
const plan: SchedulePlan = {
  schedules: [
    {
      kind: 'running',
      name: 'office',
      timeZone: 'Europe/Berlin',
      applies: [{ target: 'default', kind: 'db-cluster', pattern: '*', place }],
      windows: [{ days: [1, 2, 3, 4, 5], from: 420, to: 1140, place }],
      exceptions: [],
      once: [],
      policy: 'enforce',
      priority: 0,
      stopPolicy: { postpone: 3_600_000, afterwards: 'leave', unknown: 'stop', snapshot: false },
      place,
    },
  ],
};
const noon = Date.parse('2027-03-10T11:00:00Z');
const turns = 7;

const redis = await startRedisServer();
const log = createLog('silent');
for (const count of [1_000, 10_000]) {
  const clock = createTurnableClock(noon);
  const emulator = await startEmulator({ clock });
  Object.assign(process.env, emulator.env);
  for (let i = 0; i < count; i += 1) await emulator.account.addCluster({ identifier: `c-${i}`, dataPlane: false });
  const aws = createAws({ name: 'default', region: 'eu-west-1' }, { dataPlaneScheme: 'http' });
  for (const [name, settings] of Object.entries({
    redis: { redisUrl: redis.url, dataDir: '' },
    embedded: { dataDir: 'memory://' },
  })) {
    const storage = await openStorage({ ...settings, log, now: clock.now });
    let asked = 0;
    const deps: ScheduleDependencies = {
      store: storage.store,
      plan: () => plan,
      targets: [{ name: 'default' }],
      inventoryOf: () => inventoryOf(aws),
      enqueue: () => {
        asked += 1;
        return Promise.reject(new ServiceError('resource-busy', 'not in this bench'));
      },
      cancel: () => Promise.resolve(),
      log,
      tickMs: 60_000,
      tagsMs: 3_600_000,
      shortestSleepMs: 900_000,
    };
    const memory = createMemory();
    const first = await timed(() => reconcile(deps, memory));
    const [looks, ticks]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < turns; turn += 1) {
      looks.push(await timed(() => lookAtDbClusters(aws)));
      clock.advance(60_000);
      ticks.push(await timed(() => reconcile(deps, memory)));
    }
    const ratios = ticks.map((tick, turn) => tick / (looks[turn] ?? 1));
    console.log(`\n${count} clusters, ${name}; milliseconds, median (lowest to highest) of ${turns}`);
    console.log(`  the first tick             ${first.toFixed(0)}`);
    console.log(`  only reading AWS's lists   ${spread(looks, 0)}`);
    console.log(`  a tick in which all is well ${spread(ticks, 0)}`);
    console.log(`  a tick to only reading     ${spread(ratios, 2)} times`);
    if (asked > 0) throw new Error('At noon nothing is to be done.');
    await storage.close();
  }
  aws.close();
  await emulator.close();
}
await redis.stop();

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
