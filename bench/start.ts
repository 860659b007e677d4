// What a start costs: CPU until the service says that it has started, or until the command has answered, each as a multiple of
// a Node that only loads BullMQ and Fastify, in the same round, on whatever machine. Rounds alternate, so that a noisy machine is noisy for all.
// `node --import tsx bench/start.ts`, after `npm run build`; takes a redis-server on the PATH.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedisServer } from '../test/support/redis-server.ts';
import { spread } from './spread.ts';

const rounds = 7;
const bare = 'a Node with BullMQ and Fastify';
/** The kernel counts a process' time in these, in milliseconds; Linux. */
const tick = 10;

interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

const command = ['bin/neptune-ops.js'];
const source = ['--import', 'tsx', 'src/cli/main.ts'];
const redis = await startRedisServer();
const folders: string[] = [];

const ways: Record<string, () => Promise<Cost>> = {
  [bare]: () => run(['-e', "require('bullmq'); require('fastify'); setTimeout(() => {}, 200)"], {}),
  '--help': () => run([...command, '--help'], {}),
  '--help, from source': () => run([...source, '--help'], {}),
  'first start': () => run([...command, 'start'], { NEPTUNE_OPS_DATA_DIR: newFolder() }),
  'later start': () => run([...command, 'start'], { NEPTUNE_OPS_DATA_DIR: folders.at(-1) ?? newFolder() }),
  'later start, from source': () => run([...source, 'start'], { NEPTUNE_OPS_DATA_DIR: folders.at(-1) ?? newFolder() }),
  'start on Redis': () => run([...command, 'start'], { REDIS_URL: redis.url }),
  'start on Redis, from source': () => run([...source, 'start'], { REDIS_URL: redis.url }),
};

const results = new Map<string, Cost[]>(Object.keys(ways).map((name) => [name, []]));
for (let round = 0; round <= rounds; round += 1) {
  for (const [name, measure] of Object.entries(ways)) {
    const cost = await measure();
    // The first round fills the caches of the disk.
    if (round > 0) results.get(name)?.push(cost);
  }
}
const base = results.get(bare) ?? [];
console.log(`${rounds} rounds; median (lowest to highest)`);
for (const [name, all] of results) {
  const cpu = all.map((one) => one.cpu);
  const ratios = cpu.map((one, index) => one / (base[index]?.cpu ?? one));
  const wall = all.map((one) => one.wall);
  console.log(`  ${name}\n    ${spread(ratios, 1)} × bare, ${spread(cpu, 0)} ms CPU, ${spread(wall, 0)} ms`);
}
await redis.stop();
for (const folder of folders) rmSync(folder, { recursive: true, force: true });

function newFolder(): string {
  folders.push(mkdtempSync(join(tmpdir(), 'neptune-ops-start-')));
  return folders.at(-1) ?? '';
}

/** Until the log has the line of a service that has started, or the process ends. */
async function run(args: readonly string[], env: Record<string, string>): Promise<Cost> {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], AWS_REGION: 'eu-west-1', PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  let log = '';
  let cost: Cost = { cpu: 0, wall: 0 };
  const look = () => (cost = { cpu: cpuOf(child.pid ?? 0) ?? cost.cpu, wall: performance.now() - began });
  const watching = setInterval(look, 5);
  const started = new Promise<void>((resolve) => {
    child.stderr.on('data', (text: Buffer) => {
      log += text.toString();
      if (log.includes('"msg":"started"')) resolve();
    });
  });
  await Promise.race([started, exited]);
  clearInterval(watching);
  if (child.exitCode === null) {
    look();
    child.kill('SIGTERM');
    await exited;
  }
  if (child.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${child.exitCode}:\n${log}`);
  return cost;
}

/** All threads' time, in milliseconds; nothing once the process is gone. */
function cpuOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const ticks = Number(fields[11]) + Number(fields[12]);
    return ticks > 0 ? ticks * tick : undefined;
  } catch {
    return undefined;
  }
}
