// What measuring costs: the same door and the same workers with metrics and without, in one run, on one Redis. Rounds
// alternate; what counts is the ratio of CPU and its spread. `npm run bench`; takes a redis-server
// on the PATH.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createServer } from '../src/api/door.ts';
import type { Aws } from '../src/aws/clients.ts';
import { readConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { type ServiceMetrics, serviceMetrics } from '../src/metrics/service-metrics.ts';
import { enqueue } from '../src/queue/enqueue.ts';
import { type Storage, openStorage } from '../src/queue/storage.ts';
import { indexOf } from '../src/records/job.ts';
import { awsClients, startWorkers, worldOf } from '../src/workers/start.ts';
import { startRedisServer } from '../test/support/redis-server.ts';
import type { Order } from './load.ts';
import { spread } from './spread.ts';

const [rounds, requests, visits] = [25, 800, 400];

const silent = createLog('silent');
const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', ...quiet });
const redis = await startRedisServer();
const config = readConfig({
  AWS_REGION: 'eu-west-1',
  NEPTUNE_OPS_BOARD: 'off',
  NEPTUNE_OPS_RATE_NEPTUNE: '1000',
  NEPTUNE_OPS_CONCURRENCY: '50',
});

interface Contestant {
  readonly name: string;
  readonly storage: Storage;
  readonly metrics: ServiceMetrics | undefined;
}

/** Each in a database of its own, so that neither meets what the other left. */
async function contestant(name: string, database: number, measured: boolean): Promise<Contestant> {
  const storage = await openStorage({ redisUrl: `${redis.url}/${database}`, dataDir: '', log: silent });
  const metrics = measured ? serviceMetrics(config, 'all', storage) : undefined;
  return { name, storage: metrics?.storage ?? storage, metrics };
}
/** New ones for each comparison: what one leaves in the store isn't swept up in the next. */
async function pair(database: number): Promise<Contestant[]> {
  return [await contestant('without metrics', database, false), await contestant('with metrics', database + 1, true)];
}
let from = 0;

const doors = await pair(0);
await compare('accepting a job over HTTP, 100 clients', doors, await accepting(doors));
const workers = await pair(2);
await compare('a visit that finds its cluster stopped and ends the job', workers, visiting);
const scrapes: number[] = [];
for (let turn = 0; turn < rounds; turn += 1) {
  scrapes.push(await cpuOf(async () => void (await workers[1]?.metrics?.scrape()), 1));
}
console.log(`\na scrape: ${spread(scrapes, 1)} ms CPU`);

await Promise.all([...doors, ...workers].map(({ storage }) => storage.close()));
await redis.stop();
process.exit(0);

/** `round` answers milliseconds of CPU for one job. */
async function compare(
  what: string,
  contestants: readonly Contestant[],
  round: (each: Contestant) => Promise<number>,
): Promise<void> {
  const results = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let turn = 0; turn <= rounds; turn += 1) {
    // Who goes first has the colder caches: by turns.
    const order = turn % 2 === 0 ? contestants : contestants.toReversed();
    for (const each of order) {
      const cpu = await round(each);
      // The first round warms up.
      if (turn > 0) results.get(each.name)?.push(cpu);
    }
  }
  console.log(`\n${what}; ${rounds} rounds, median (lowest to highest)`);
  const [plain = [], metered = []] = contestants.map(({ name }) => results.get(name) ?? []);
  for (const [name, cpu] of results) console.log(`  ${name.padEnd(16)} ${spread(cpu, 3)} ms CPU`);
  const ratios = metered.map((cpu, turn) => cpu / (plain[turn] ?? cpu));
  console.log(`  ratio            ${spread(ratios, 2)}`);
}

async function accepting(contestants: readonly Contestant[]): Promise<(each: Contestant) => Promise<number>> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/load.ts'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface(child.stdout);
  const noDryRun = () => Promise.reject(new Error('no dry runs here'));
  const urls = new Map<string, string>();
  for (const { name, storage, metrics } of contestants) {
    const door = createServer(config, storage, silent, noDryRun, undefined, metrics);
    urls.set(name, await door.listen({ host: '127.0.0.1', port: 0 }));
  }
  return ({ name }) =>
    cpuOf(async () => {
      const order: Order = { url: urls.get(name) ?? '', clients: 100, requests, withKey: false, from };
      from += requests;
      const answer = once(answers, 'line');
      child.stdin.write(`${JSON.stringify(order)}\n`);
      await answer;
    }, requests);
}

/** Jobs are accepted first, outside of what is measured. */
async function visiting({ storage, metrics }: Contestant): Promise<number> {
  const clients = awsClients(config, metrics);
  for (const aws of clients.values()) answerAllStopped(aws);
  const goal = (await storage.store.count(indexOf.state('succeeded'))) + visits;
  for (let number = 0; number < visits; number += 1, from += 1) {
    await enqueue(storage, config, { operation: 'stop-db-cluster', input: { dbClusterIdentifier: `bench-${from}` } });
  }
  const world = worldOf(config, storage, clients, silent, metrics);
  const cpu = await cpuOf(async () => {
    const stop = await startWorkers(config, storage, world, metrics);
    while ((await storage.store.count(indexOf.state('succeeded'))) < goal)
      await new Promise((go) => setTimeout(go, 20));
    await stop();
  }, visits);
  for (const aws of clients.values()) aws.close();
  return cpu;
}

/** AWS in this process, for next to nothing: whatever is asked for is stopped. */
function answerAllStopped(aws: Aws): void {
  aws.neptune.config.requestHandler.handle = (async ({ body }: { body: string }) => {
    const id = /DBClusterIdentifier=([^&]*)/.exec(body)?.[1] ?? '';
    const cluster = `<DBCluster><DBClusterIdentifier>${id}</DBClusterIdentifier><Status>stopped</Status><Engine>neptune</Engine></DBCluster>`;
    const answer = `<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters>${cluster}</DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>`;
    return {
      response: {
        statusCode: 200,
        headers: { 'content-type': 'text/xml' },
        body: Readable.from([Buffer.from(answer)]),
      },
    };
  }) as never;
}

/** Milliseconds of this process' CPU for one of so many. */
async function cpuOf(work: () => Promise<void>, count: number): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / count;
}
