// Runs the command line as it is installed, in its own process.
import { spawn } from 'node:child_process';
import { built } from './built.ts';
import { inTime } from './in-time.ts';

const [main, several] = [built('src/cli/main.ts'), built('test/support/several-commands.ts')];

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Its standard input. */
  readonly input?: string;
  /** It gets a SIGINT once standard error contains this. */
  readonly interruptAt?: string;
}

/** Runs `neptune-ops`. Resolves with its output and exit code. */
export function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  return run([main, ...args], options);
}

/** Runs several commands one after the other in one process, for tests that don't need a process each. */
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
