// Starts the built service as processes, to send requests to, stop and kill. None outlives its test.
import { built } from './built.ts';
import { type ChildEnd, startChild } from './child.ts';
import { patience } from './patience.ts';

const main = built('src/main.ts');

const calm = {
  // The board costs each start a sixth of a second.
  NEPTUNE_OPS_BOARD: 'off',
  NEPTUNE_OPS_REDIS_TIMEOUT_MS: String(patience),
};

export interface ServiceProcess {
  readonly pid: number;
  /** What it wrote so far: its log. */
  log(): string;
  /** Its address, once it has started. Rejects when it ends before. */
  started(): Promise<string>;
  /** Resolves once its log has this. */
  said(text: string): Promise<void>;
  /** How it ends by itself. */
  ended(): Promise<ChildEnd>;
  /** Sends the signal. Resolves with how it ended. */
  end(signal: NodeJS.Signals): Promise<ChildEnd>;
}

export function startServiceProcess(env: Record<string, string | undefined>, role?: 'api' | 'worker'): ServiceProcess {
  const child = startChild([main, ...(role === undefined ? [] : [role])], { ...calm, ...env });
  const lineWith = (text: string) => (log: string) => log.split('\n').find((line) => line.includes(text));
  return {
    pid: child.pid,
    log: child.printed,
    async started() {
      const line = await child.until('the start of the service', lineWith('"msg":"started"'));
      return (JSON.parse(line) as { url?: string }).url ?? '';
    },
    said: async (text) => void (await child.until(`“${text}”`, lineWith(text))),
    ended: () => child.ended(),
    end: child.end,
  };
}

interface Answer {
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
    signal: AbortSignal.timeout(patience),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
