// A Redis server of a test's own: a process on a port of its own, with a temporary folder. It must never outlive the test.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTime } from './in-time.ts';

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

interface RedisServerOptions {
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

/**
 * The next port to try. It is below those that the system assigns, so that no other program gets it while a server is
 * down. Each process begins elsewhere.
 */
let nextPort = 10_000 + Math.floor(Math.random() * 20_000);

/** Starts a server and waits until it is ready. Throws when it ends before that. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-redis-'));
  const durable = options.appendonly ? ['--appendonly', 'yes', '--appendfsync', 'no'] : [];
  const line = ['--bind', '127.0.0.1', '--dir', folder, '--save', '', ...durable, ...(options.extraArguments ?? [])];
  const running = new Set<ChildProcess>();
  const endAll = (): void => running.forEach((child) => child.kill('SIGKILL'));
  process.once('exit', endAll);

  async function start(port: number): Promise<ChildProcess | 'taken'> {
    const child = spawn('redis-server', ['--port', String(port), ...line], { stdio: ['ignore', 'pipe', 'ignore'] });
    running.add(child);
    child.once('exit', () => running.delete(child));
    let log = '';
    const ready = new Promise<boolean>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        if (log.includes('Ready to accept connections')) resolve(true);
      });
      child.once('close', () => resolve(false));
    });
    if (await inTime(ready, 'a redis-server to be ready', () => log)) return child;
    if (log.includes('Address already in use')) return 'taken';
    throw new Error(`redis-server on port ${port} didn't start (exit code ${child.exitCode}):\n${log}`);
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!running.has(current)) return;
    const ended = once(current, 'exit');
    current.kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGINT') await ended;
  }

  let port = 0;
  let child: ChildProcess | 'taken' = 'taken';
  while (child === 'taken') child = await start((port = nextPort++));
  let current = child;
  return {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return current.pid ?? 0;
    },
    kill,
    async restart() {
      await kill();
      const again = await start(port);
      if (again === 'taken') throw new Error(`Somebody took port ${port} while its redis-server was down.`);
      current = again;
    },
    async stop() {
      await kill();
      process.off('exit', endAll);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
