// Starts a process for a test, and waits for its output or its end. Every wait is bounded, and the process never
// outlives the tests.
import { type SpawnOptions, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { inTime } from './in-time.ts';

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  /** Standard output and standard error so far. */
  printed(): string;
  /** Resolves with the first result of `find` on the output. Rejects when the process ends before. */
  until<Found>(what: string, find: (printed: string) => Found | undefined): Promise<Found>;
  /** Resolves with how it ended. Rejects as soon as its output matches `never`. */
  ended(never?: RegExp): Promise<ChildEnd>;
  kill(signal: NodeJS.Signals): void;
  /** Sends the signal. Resolves with how it ended. */
  end(signal: NodeJS.Signals): Promise<ChildEnd>;
}

const running = new Set<() => void>();
process.once('exit', () => running.forEach((kill) => kill()));

/** Starts Node with these arguments. Its environment is PATH and `env`. */
export function startChild(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Child {
  const options: SpawnOptions = { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] };
  const child = spawn(process.execPath, args, options);
  const told = new EventEmitter().setMaxListeners(0);
  const kill = (): void => void child.kill('SIGKILL');
  running.add(kill);
  let printed = '';
  let end: ChildEnd | undefined;
  for (const output of [child.stdout, child.stderr]) {
    output?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      told.emit('more');
    });
  }
  // Not `exit`, because the last output comes after that.
  child.once('close', (code, signal) => {
    running.delete(kill);
    end = { code, signal };
    told.emit('more');
  });
  child.once('error', (error) => (printed += String(error)));

  /** Resolves with the first result of `look`. */
  async function watch<Result>(what: string, look: () => Result | undefined): Promise<Result> {
    let onMore = (): void => undefined;
    const answered = new Promise<Result>((resolve, reject) => {
      onMore = () => {
        try {
          const answer = look();
          if (answer !== undefined) resolve(answer);
        } catch (error) {
          reject(error as Error);
        }
      };
      told.on('more', onMore);
      onMore();
    });
    try {
      return await inTime(answered, what, () => `It printed:\n${printed}`);
    } finally {
      told.off('more', onMore);
    }
  }

  const ended = (never?: RegExp): Promise<ChildEnd> =>
    watch('the end of a process', () => {
      if (never?.test(printed)) throw new Error(`A process that was to end before goes on, and printed:\n${printed}`);
      return end;
    });

  return {
    pid: child.pid ?? 0,
    printed: () => printed,
    until: (what, find) =>
      watch(what, () => {
        const found = find(printed);
        if (found === undefined && end !== undefined) {
          throw new Error(`A process ended (${end.code ?? end.signal}) before ${what}, and printed:\n${printed}`);
        }
        return found;
      }),
    ended,
    kill: (signal) => void child.kill(signal),
    async end(signal) {
      child.kill(signal);
      return ended();
    },
  };
}
