// Starts a Redis server for one test, on a free port with a temporary folder. It never outlives the test.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { patience } from './patience.ts';

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  /** Sends the signal (default SIGKILL). If it ends the server, resolves once the server has ended. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends the server if it runs, and starts it again on the same port and folder. */
  restart(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  /** Whether its writes survive a restart. They reach the system, not the disk, because tests kill only processes. */
  readonly appendonly?: boolean;
  /** More command-line arguments, like `['--maxmemory', '10mb']`. */
  readonly extraArguments?: readonly string[];
}

let found: boolean | undefined;

/** Whether a redis-server is installed. */
export function hasRedisServer(): boolean {
  return (found ??= spawnSync('redis-server', ['--version']).status === 0);
}

/** Starts a server and waits until it answers. Throws when it ends before. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-redis-'));
  const port = await freePort();
  const durable = options.appendonly ? ['--appendonly', 'yes', '--appendfsync', 'no'] : [];
  const line = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...durable];
  const running = new Set<ChildProcess>();
  const endAll = (): void => running.forEach((child) => child.kill('SIGKILL'));
  process.once('exit', endAll);

  async function start(): Promise<ChildProcess> {
    const child = spawn('redis-server', [...line, ...(options.extraArguments ?? [])], { stdio: 'ignore' });
    running.add(child);
    child.once('exit', () => running.delete(child));
    await untilAnswering(port, child);
    return child;
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!running.has(child)) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGINT') await ended;
  }

  let child = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child.pid ?? 0;
    },
    kill,
    async restart() {
      await kill();
      child = await start();
    },
    async stop() {
      await kill();
      process.off('exit', endAll);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilAnswering(port: number, child: ChildProcess): Promise<void> {
  for (const giveUp = Date.now() + patience; Date.now() < giveUp; await delay(20)) {
    if (child.exitCode !== null) break;
    if (await answersPing(port)) return;
  }
  child.kill('SIGKILL');
  throw new Error(`redis-server on port ${port} didn't start (exit code ${child.exitCode}).`);
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')));
    socket.once('error', () => settle(false));
    socket.setTimeout(1_000, () => settle(false));
  });
}
