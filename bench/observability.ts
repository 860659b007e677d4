// Measures what observability costs: the same service bare, with metrics, with the board's logs, with a log, with
// traces, and with all of them. Each is its own process, and they take turns. The result is the ratio of CPU to the
// bare one, and its spread. A second bare one shows the noise. `npm run bench`; needs a redis-server on the PATH.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startOtlpReceiver } from '../test/support/otlp-receiver.ts';
import { startRedisServer } from '../test/support/redis-server.ts';
import type { Order } from './load.ts';
import type { Round } from './observed.ts';
import { spread } from './spread.ts';

interface Contestant {
  readonly name: string;
  readonly process: ChildProcess;
  readonly url: string;
  readonly rounds: Round[];
}

type Settings = Readonly<Record<string, string>>;

const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-bench-'));
const logFile = openSync(join(folder, 'log'), 'a');
const redis = await startRedisServer();
const collector = await startOtlpReceiver();
const load = spawn(process.execPath, ['--import', 'tsx', 'bench/load.ts'], { stdio: ['pipe', 'pipe', 'inherit'] });
const loaded = createInterface(load.stdout);

const bare = { NEPTUNE_OPS_METRICS: 'off', NEPTUNE_OPS_BOARD: 'off', NEPTUNE_OPS_LOG_LEVEL: 'silent' };
const metrics = { ...bare, NEPTUNE_OPS_METRICS: 'on' };
const board = { ...bare, NEPTUNE_OPS_BOARD: 'on' };
const log = { ...bare, NEPTUNE_OPS_LOG_LEVEL: 'info' };
const traces = { ...bare, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '200' };
const all = { ...traces, NEPTUNE_OPS_METRICS: 'on', NEPTUNE_OPS_BOARD: 'on', NEPTUNE_OPS_LOG_LEVEL: 'info' };

/** Rounds that aren't counted. */
const warmUps = 2;
let from = 0;
const onRedis = { bare, 'bare, again': bare, metrics, 'board’s lines': board, log, traces, all };
await compare('Redis', { seconds: 45, jobs: 100 }, onRedis, (index) => ({ REDIS_URL: `${redis.url}/${index}` }));
// A log and traces cost the same on every store.
const embedded = { bare, 'bare, again': bare, metrics, 'board’s lines': board };
await compare('the embedded store', { seconds: 20, jobs: 25 }, embedded, () => ({ NEPTUNE_OPS_DATA_DIR: 'memory://' }));
// Two of them trace, and two write a log.
const seen = collector.spans.filter(({ name }) => name === 'visit stop-db-cluster').length;
const lines = readFileSync(join(folder, 'log'), 'utf8').split('\n').length;
const [spansEach, linesEach] = [collector.spans.length, lines].map((count) => (count / seen).toFixed(1));
console.log(`\n${spansEach} spans and ${linesEach} lines a job came out`);

load.kill();
await Promise.all([redis.stop(), collector.close()]);
rmSync(folder, { recursive: true });
process.exit(0);

/** As many rounds as fit into the time. Each has its own store, so that none meets leftovers of another. */
async function compare(
  where: string,
  { seconds, jobs }: { seconds: number; jobs: number },
  services: Readonly<Record<string, Settings>>,
  storeOf: (index: number) => Settings,
): Promise<void> {
  const contestants = await Promise.all(
    Object.entries(services).map(([name, settings], index) => start(name, { ...settings, ...storeOf(index) })),
  );
  const end = performance.now() + seconds * 1_000;
  for (let turn = 0; performance.now() < end; turn += 1) {
    // Always in the same order, so that each has rested as long as the others.
    for (const each of contestants) {
      const round = await play(each, jobs);
      if (turn >= warmUps) each.rounds.push(round);
    }
  }
  report(`a job from the request to its end, on ${where}, in rounds of ${jobs}`, contestants);
  for (const { process: child } of contestants) child.disconnect();
}

async function start(name: string, settings: Settings): Promise<Contestant> {
  const child = fork('bench/observed.ts', {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', settings['NEPTUNE_OPS_LOG_LEVEL'] === 'silent' ? 'inherit' : logFile, 'ipc'],
    env: {
      PATH: process.env['PATH'],
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      PORT: '0',
      NEPTUNE_OPS_RATE_NEPTUNE: '1000',
      NEPTUNE_OPS_CONCURRENCY: '50',
      ...settings,
    },
  });
  const [url] = (await once(child, 'message')) as [string];
  return { name, process: child, url, rounds: [] };
}

async function play({ process: child, url }: Contestant, requests: number): Promise<Round> {
  await ask(child, 'begin');
  const order: Order = { url, clients: 50, requests, withKey: false, from };
  from += requests;
  const sent = once(loaded, 'line');
  load.stdin.write(`${JSON.stringify(order)}\n`);
  await sent;
  return (await ask(child, requests)) as Round;
}

async function ask(child: ChildProcess, what: 'begin' | number): Promise<unknown> {
  const answer = once(child, 'message');
  child.send(what);
  return ((await answer) as [unknown])[0];
}

function report(what: string, contestants: readonly Contestant[]): void {
  const base = contestants[0]?.rounds ?? [];
  console.log(`\n${what}; ${base.length} rounds, median (lowest to highest)`);
  for (const { name, rounds } of contestants) {
    const ratios = rounds.map(({ job }, turn) => job / (base[turn]?.job ?? job));
    const cpu = rounds.map(({ job }) => job);
    console.log(`  ${name.padEnd(14)} ${spread(ratios, 2)} × bare, ${spread(cpu, 2)} ms CPU`);
  }
  const scrapes = contestants.flatMap(({ rounds }) => rounds.flatMap(({ scrape }) => scrape ?? []));
  console.log(`  a scrape       ${spread(scrapes, 1)} ms CPU`);
}
