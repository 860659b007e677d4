// The command line as it is installed, as a process of its own. It must never run in the process of the tests.
import { spawn } from 'node:child_process';
import { built } from './built.ts';
import { inTime } from './in-time.ts';

const [main, several] = [built('src/cli/main.ts'), built('test/support/several-commands.ts')];

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input. */
  readonly input?: string;
  /** Once standard error has this, it gets a SIGINT. */
  readonly interruptAt?: string;
}

/** Runs `neptune-ops` and answers how it ended. */
export function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  return run([main, ...args], options);
}

/** Runs several, one after the other, in the process of one: for what a process of their own would not add to. */
export async function runCommands(
  lines: readonly (readonly string[])[],
  options: CommandOptions = {},
): Promise<readonly Ended[]> {
  const { code, stdout, stderr } = await run([several, JSON.stringify(lines)], options);
  if (code !== 0) throw new Error(`The commands could not be run:\n${stderr}`);
  return JSON.parse(stdout) as Ended[];
}

function run(args: readonly string[], options: CommandOptions): Promise<Ended> {
  const { env = {}, input = '', interruptAt } = options;
  let [stdout, stderr] = ['', ''];
  const ended = new Promise<Ended>((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'], ...env },
      stdio: 'pipe',
    });
    let interrupted = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (interrupted || interruptAt === undefined || !stderr.includes(interruptAt)) return;
      interrupted = child.kill('SIGINT');
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
  const line = args.slice(1).join(' ');
  return inTime(ended, `the end of “${line}”`, () => `It printed:\n${stdout}${stderr}`);
}
