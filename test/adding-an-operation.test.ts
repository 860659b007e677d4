// docs/adding-an-operation.md, done: its blocks are applied to a copy of the project, and its commands are run there.
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChild } from './support/child.ts';
import { patience } from './support/patience.ts';

const page = readFileSync('docs/adding-an-operation.md', 'utf8');

interface Block {
  readonly where: 'New file' | 'After' | 'Before' | 'In place of';
  /** The line that `where` is about, without its indentation. */
  readonly line: string;
  readonly file: string;
  readonly text: string;
}

const blocks: readonly Block[] = [
  ...page.matchAll(/^(New file|After|Before|In place of)(?: `([^\n]+)`)?:\n\n```ts (\S+)\n([^]*?)^```$/gm),
].map(([, where, line = '', file = '', text = '']) => ({ where: where as Block['where'], line, file, text }));

/** The files of the list, by its heading. */
function listed(heading: string): string[] {
  const from = page.indexOf(heading) + heading.length;
  const list = /(?:\n- [^\n]+)+/.exec(page.slice(from))?.[0] ?? '';
  return [...list.matchAll(/`([\w./-]+\/[\w./-]+|README\.md)`/g)].map(([, file = '']) => file).toSorted();
}

function apply(folder: string, { where, line, file, text }: Block): void {
  const path = join(folder, file);
  if (where === 'New file') {
    if (existsSync(path)) throw new Error(`The page calls ${file} a new file, but it exists.`);
    return writeFileSync(path, text);
  }
  const lines = readFileSync(path, 'utf8').split('\n');
  const at = lines.flatMap((one, i) => (one.trim() === line ? [i] : []));
  if (at.length !== 1) throw new Error(`The page names a line that ${file} has ${at.length} times: ${line}`);
  const [place = 0] = at;
  const indent = /^ */.exec(lines[place] ?? '')?.[0] ?? '';
  const added = text.trimEnd().split('\n');
  lines.splice(
    where === 'After' ? place + 1 : place,
    where === 'In place of' ? 1 : 0,
    ...added.map((one) => indent + one),
  );
  writeFileSync(path, lines.join('\n'));
}

const copied = (name: string) => !['node_modules', '.git', 'dist'].includes(name);

describe('the page about adding an operation', () => {
  let folder = '';
  // What a reader's shell has, and nothing of the tests'.
  const env = () => ({
    PATH: process.env['PATH'],
    HOME: folder,
    TMPDIR: process.env['TMPDIR'],
    AWS_REGION: 'eu-west-1',
  });
  const run = async (command: string, ...args: string[]) => {
    const options = { cwd: folder, env: env(), timeout: 2 * patience, maxBuffer: 50_000_000 };
    const { stdout, stderr } = await promisify(execFile)(command, args, options).catch(
      (error: Error & { stdout?: string; stderr?: string }) => {
        throw new Error(`${command} ${args.join(' ')}: ${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
      },
    );
    return stdout + stderr;
  };
  const bin = (name: string, ...args: string[]) => run(join('node_modules/.bin', name), ...args);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'neptune-ops-adding-'));
    for (const name of readdirSync('.').filter(copied)) cpSync(name, join(folder, name), { recursive: true });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    for (const block of blocks) apply(folder, block);
    await run('npm', 'run', '-s', 'docs');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has every block of code read, and lists every file that it writes', () => {
    expect(blocks).toHaveLength(page.match(/^```ts /gm)?.length ?? 0);
    expect([...new Set(blocks.map(({ file }) => file))].toSorted()).toEqual(listed('What you write:'));
  });

  it('leads to code that compiles and is formatted, and to documents that are all in its list', async () => {
    await bin('tsc', '-p', '.');
    await bin('prettier', '--check', ...new Set(blocks.map(({ file }) => file)));
    const made = listed('What `npm run docs` writes:');
    const changed = ['.', 'docs', 'src/cli', 'monitoring'].flatMap((name) =>
      readdirSync(name, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(name, entry.name))
        .filter((file) => readFileSync(file, 'utf8') !== readFileSync(join(folder, file), 'utf8')),
    );
    expect(changed.toSorted()).toEqual(made);
  });

  it('leads to an operation whose rows hold', async () => {
    const files = /^npx vitest run (.*) -t protect-graph$/m.exec(page)?.[1]?.split(' ') ?? [];
    const printed = await bin('vitest', 'run', '--reporter=dot', ...files, '-t', 'protect-graph');
    expect(printed).toMatch(/Tests\s+.*\d{2,} passed/);
  });

  it('leads to an operation that the service does, the command has and OpenAPI describes', async () => {
    const ports = ['NEPTUNE', 'GRAPH', 'SQS', 'CONTROL', 'DATA_PLANE'].map((name) => [`LOCAL_${name}_PORT`, '0']);
    const main = join(folder, 'demo/local.ts');
    const tsx = resolve('node_modules/tsx/dist/loader.mjs');
    const local = startChild(['--import', tsx, main], { ...env(), PORT: '0', ...Object.fromEntries(ports) });
    try {
      const url = await local.until('the service’s start', (printed) => /is up at (http\S+)/.exec(printed)?.[1]);
      const cli = (...args: string[]) =>
        run('env', `NEPTUNE_OPS_URL=${url}`, process.execPath, '--import', tsx, 'src/cli/main.ts', ...args);
      const command = /^npx neptune-ops (protect-graph .*)$/m.exec(page)?.[1]?.split(' ') ?? [];
      expect(await cli(...command)).toContain('succeeded');
      expect(await cli('--help')).toContain('protect-graph');
      const openapi = (await (
        await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(patience) })
      ).json()) as {
        paths: object;
      };
      expect(Object.keys(openapi.paths)).toContain('/v1/operations/protect-graph');
    } finally {
      await local.end('SIGKILL');
    }
  });
});
