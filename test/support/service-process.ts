// The service as it is installed: processes of `src/main.ts`, built, to be asked over HTTP, stopped and killed. None may
// outlive its test.
import { setTimeout as pause } from 'node:timers/promises';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { built } from './built.ts';
import { patience } from './patience.ts';

const main = built('src/main.ts');

const calm = {
  // A board that nobody looks at costs each start a sixth of a second.
  NEPTUNE_OPS_BOARD: 'off',
  NEPTUNE_OPS_REDIS_TIMEOUT_MS: String(patience),
};

export interface ServiceProcess {
  readonly process: ChildProcess;
  /** What it wrote to standard error so far: its log. */
  log(): string;
  /** Its door, once it says that it has started; rejects when it ends before that. */
  started(): Promise<string>;
  /** Sends the signal; how it ended. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null }>;
}

export function startServiceProcess(env: Record<string, string | undefined>, role?: 'api' | 'worker'): ServiceProcess {
  const args = [main, ...(role === undefined ? [] : [role])];
  const child = spawn(process.execPath, args, {
    env: { ...calm, PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  return {
    process: child,
    log: () => log,
    async started() {
      for (;;) {
        const line = log.split('\n').find((text) => text.includes('"msg":"started"'));
        if (line !== undefined) return (JSON.parse(line) as { url?: string }).url ?? '';
        if (child.exitCode !== null) throw new Error(`The service ended before it had started:\n${log}`);
        await pause(20);
      }
    },
    async end(signal) {
      child.kill(signal);
      const [code] = child.exitCode === null && child.signalCode === null ? await exited : [child.exitCode];
      return { code };
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** One request to a door, with its JSON answer. */
export async function ask(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
