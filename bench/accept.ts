// Measures what accepting a job costs: this service's API beside a bare Fastify route that only calls `queue.add`, over
// HTTP, on the same Redis, in one run. Rounds alternate, so that noise affects both. The result is the ratio and its
// spread. `npm run bench`; needs a redis-server on the PATH.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Queue } from 'bullmq';
import Fastify from 'fastify';
import { Redis } from 'ioredis';
import { createServer } from '../src/api/server.ts';
import { readConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { openStorage } from '../src/queue/storage.ts';
import { startRedisServer } from '../test/support/redis-server.ts';
import type { Load, Order } from './load.ts';
import { spread } from './spread.ts';

const [rounds, requests] = [7, 1_500];

interface Round extends Load {
  /** CPU of the API's process per accepted job; milliseconds. */
  readonly cpu: number;
}

const redisServer = await startRedisServer();
const redis = new Redis(redisServer.url);
const queue = new Queue('bare', { connection: redis, prefix: '{bench}' });
const bare = Fastify();
bare.post('/v1/operations/:operation', async (request, reply) => {
  const job = await queue.add('stop-db-cluster', request.body);
  return reply.status(202).send({ id: job.id });
});
const silent = createLog('silent');
const storage = await openStorage({ redisUrl: redisServer.url, dataDir: '', log: silent });
const config = readConfig({ AWS_REGION: 'eu-west-1' });
const ours = createServer(config, storage, silent, () => Promise.reject(new Error('no dry runs here')));

const [bareUrl, ourUrl] = [await listen(bare), await listen(ours)];
const contestants = [
  { name: 'bare queue.add', url: bareUrl, withKey: false },
  { name: 'accepted', url: ourUrl, withKey: false },
  { name: 'accepted, with key', url: ourUrl, withKey: true },
];

const child = spawn(process.execPath, ['--import', 'tsx', 'bench/load.ts'], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface(child.stdout);
let from = 0;

for (const clients of [1, 100]) {
  const results = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, url, withKey } of contestants) {
      const result = await play({ url, clients, requests, withKey, from });
      from += requests;
      // The first round warms up.
      if (round > 0) results.get(name)?.push(result);
    }
  }
  report(clients, results);
}

child.kill();
await Promise.all([bare.close(), ours.close()]);
await queue.close();
redis.disconnect();
await storage.close();
await redisServer.stop();

async function play(order: Order): Promise<Round> {
  const before = process.cpuUsage();
  const answer = once(answers, 'line') as Promise<[string]>;
  child.stdin.write(`${JSON.stringify(order)}\n`);
  const load = JSON.parse((await answer)[0]) as Load;
  const { user, system } = process.cpuUsage(before);
  return { ...load, cpu: (user + system) / 1_000 / requests };
}

function listen(server: { listen(options: { host: string; port: number }): Promise<string> }): Promise<string> {
  return server.listen({ host: '127.0.0.1', port: 0 });
}

function report(clients: number, results: ReadonlyMap<string, readonly Round[]>): void {
  const base = results.get('bare queue.add') ?? [];
  console.log(
    `\n${clients} client${clients === 1 ? '' : 's'}, ${rounds} rounds of ${requests} requests; median (lowest to highest)`,
  );
  for (const [name, all] of results) {
    const ratios = all.map(({ cpu }, index) => cpu / (base[index]?.cpu ?? cpu));
    console.log(`  ${name}`);
    console.log(
      `    ${spread(
        all.map(({ cpu }) => cpu),
        2,
      )} ms CPU a job, ${spread(ratios, 2)} × bare`,
    );
    console.log(
      `    ${spread(
        all.map(({ perSecond }) => perSecond),
        0,
      )} a second, p99 ${spread(
        all.map(({ p99 }) => p99),
        1,
      )} ms`,
    );
  }
}
