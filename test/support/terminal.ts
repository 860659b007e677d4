// Terminals for a transcript: a shell for commands, and shells in which a process keeps running.
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { inTime } from './in-time.ts';

interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A shell and everything it started, in its own process group. */
class Shell {
  protected readonly child: ChildProcess;
  /** Standard output and standard error, in the order written. */
  protected printed = '';
  readonly #more = new EventEmitter();

  constructor(args: readonly string[], { cwd, env }: Surroundings) {
    // Through another shell, so that both outputs are one pipe and keep their order.
    this.child = spawn('sh', ['-c', 'exec "$@" 2>&1', 'sh', 'sh', ...args], {
      cwd,
      env,
      stdio: 'pipe',
      detached: true,
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.printed += text;
      this.#more.emit('more');
    });
    this.child.once('close', () => this.#more.emit('more'));
    this.child.stdin?.on('error', () => undefined);
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves once the output is as expected. Rejects when the process ends before. */
  async until(isExpected: (printed: string) => boolean, what = 'what was expected'): Promise<void> {
    const seen = (): string => `This was printed:\n${this.printed}`;
    while (!isExpected(this.printed)) {
      if (this.ended) throw new Error(`It ended before ${what}. ${seen()}`);
      await inTime(once(this.#more, 'more'), what, seen);
    }
  }

  /** Signals the whole group. */
  protected signal(signal: NodeJS.Signals): void {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, signal);
    } catch {
      // the group is empty
    }
  }

  /** Ends whatever still runs; gently at first, so that it can clean up. */
  async kill(): Promise<void> {
    if (!this.ended) {
      const gone = once(this.child, 'exit');
      this.signal('SIGINT');
      await Promise.race([gone, pause(3_000)]);
    }
    this.signal('SIGKILL');
  }
}

/** A shell that runs one block of commands after the other. Variables stay. */
export class Prompt extends Shell {
  #blocks = 0;

  constructor(surroundings: Surroundings) {
    super([], surroundings);
  }

  /** Runs the commands. Resolves with their output. */
  async run(commands: string): Promise<string> {
    const mark = `--- block ${(this.#blocks += 1)} is over ---\n`;
    this.printed = '';
    // The commands must not read the next block.
    this.child.stdin?.write(`{\n${commands}} </dev/null\necho '${mark.trim()}'\n`);
    await this.until((printed) => printed.endsWith(mark), 'the end of what was typed');
    return this.printed.slice(0, -mark.length);
  }
}

/** A shell whose process runs until Ctrl-C. */
export class Terminal extends Shell {
  constructor(commands: string, surroundings: Surroundings) {
    super(['-c', commands], surroundings);
    this.child.stdin?.end();
  }

  /** Interrupts everything in the terminal, as the key does. Resolves when all of it has ended. */
  async ctrlC(): Promise<void> {
    const closed = once(this.child, 'close');
    this.signal('SIGINT');
    await inTime(closed, 'the end after Ctrl-C', () => this.printed);
  }
}
