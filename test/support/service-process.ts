// Starts the built service as processes, to send requests to, stop and kill. None outlives its test.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { built } from './built.ts';
import { patience } from './patience.ts';

const main = built('src/main.ts');

const calm = {
  // The board costs each start a sixth of a second.
  NEPTUNE_OPS_BOARD: 'off',
  NEPTUNE_OPS_REDIS_TIMEOUT_MS: String(patience),
};

export interface ServiceProcess {
  readonly process: ChildProcess;
  /** Its standard error so far, which is its log. */
  log(): string;
  /** Its address, once it has started. Rejects when it ends before. */
  started(): Promise<string>;
  /** Sends the signal. Resolves with how it ended. */
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
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async end(signal) {
      child.kill(signal);
      const [code] = child.exitCode === null && child.signalCode === null ? await exited : [child.exitCode];
      return { code };
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Sends one request and returns its JSON answer. */
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
