// The package as others get it: packed, installed in an empty folder, and run from there. It must never reach into the clone.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience } from './support/patience.ts';

const root = resolve(import.meta.dirname, '..');
const run = promisify(execFile);

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended by itself.
  }
}

function isUp(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  );
}

/** A port that nobody listened on just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the package', () => {
  let folder: string;
  let packed: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'neptune-ops-packed-'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: root,
      maxBuffer: 2 ** 26,
    });
    packed = stdout.slice(stdout.indexOf('[\n'));
    const [{ filename = '' } = {}] = JSON.parse(packed) as { filename?: string }[];
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, filename)], {
      cwd: folder,
    });
  }, 4 * patience);
  afterAll(() => {
    for (const child of children) endGroup(child, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = () => ({ PATH: process.env['PATH'] ?? '', HOME: folder, AWS_REGION: 'eu-west-1' });
  const neptuneOps = (...args: string[]) => run('npx', ['neptune-ops', ...args], { cwd: folder, env: environment() });

  /** What this command line starts, once it says its address. */
  async function start(line: string, env: Record<string, string>, address: RegExp, cwd = folder) {
    const [command = '', ...words] = line.split(' ');
    const child = spawn(command, words, { cwd, env: { ...environment(), ...env }, detached: true });
    children.push(child);
    let said = '';
    for (const out of [child.stdout, child.stderr]) out.on('data', (text: Buffer) => (said += text.toString()));
    await expect
      .poll(() => address.exec(said)?.[1] ?? (child.exitCode === null ? '' : `ended: ${said}`))
      .toMatch(/^http/);
    return {
      url: address.exec(said)?.[1] ?? '',
      child,
      /** As Ctrl-C does, to all of them: npx passes nothing on to what it runs. */
      async end() {
        endGroup(child, 'SIGTERM');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      },
    };
  }

  it('has no source, test or tool in it, but a database to begin with', () => {
    const [{ files = [] } = {}] = JSON.parse(packed) as { files?: { path: string }[] }[];
    const first = new Set(files.map(({ path }) => path.replace(/\/.*/, '')));
    expect([...first].toSorted()).toEqual(
      ['CHANGELOG.md', 'README.md', 'bin', 'dist', 'docs', 'monitoring', 'package.json'].filter((name) =>
        first.has(name),
      ),
    );
    expect(files.map(({ path }) => path)).toContainEqual(expect.stringMatching(/^dist\/database-pglite-.*\.tar\.gz$/));
  });

  it('says its version and its commands', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect((await neptuneOps('--version')).stdout).toBe(`${version}\n`);
    expect((await neptuneOps('--help')).stdout).toContain('stop-db-cluster');
  });

  it('is imported, with its types where they are said to be', async () => {
    const code = "import { connect } from 'neptune-ops'; console.log(typeof connect)";
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: folder });
    expect(stdout).toBe('function\n');
    const installed = join(folder, 'node_modules/neptune-ops');
    const { types, main, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      types: string;
      main: string;
      bin: Record<string, string>;
    };
    for (const file of [types, main, ...Object.values(bin)]) expect(existsSync(join(installed, file)), file).toBe(true);
  });

  it('runs the demo', async () => {
    const { stdout } = await neptuneOps('demo');
    expect(stdout).toMatch(/All \d+ jobs ended as they should/);
  });

  it('plays with stand-ins, and ends cleanly', async () => {
    const service = await start('npx neptune-ops local', { PORT: '0' }, /is up at (http\S+)/);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    await service.end();
    await expect.poll(() => isUp(service.url)).toBe(false);
  });

  it('starts, from its prepared database, and ends cleanly', async () => {
    const data = join(folder, 'data');
    const service = await start(
      'npx neptune-ops start',
      { PORT: '0', NEPTUNE_OPS_DATA_DIR: data },
      /"url":"(http[^"]+)"/,
    );
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    expect(readdirSync(data)).toContain('pg');
    await service.end();
    await expect.poll(() => readdirSync(data)).not.toContain('owner.pid');
  });

  it('in its clone ends by a signal to npm start alone, and gives its port and its folder back', async () => {
    const data = join(folder, 'data-of-npm-start');
    const address = /"url":"(http[^"]+)"/;
    const service = await start('npm start', { PORT: '0', NEPTUNE_OPS_DATA_DIR: data }, address, root);
    service.child.kill('SIGTERM');
    await expect.poll(() => readdirSync(data)).not.toContain('owner.pid');
    await expect.poll(() => isUp(service.url)).toBe(false);
  });

  it('compiles with a program that imports it', async () => {
    writeFileSync(
      join(folder, 'program.ts'),
      "import { connect } from 'neptune-ops';\nconnect({ url: 'http://127.0.0.1:1' });\n",
    );
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      '',
    ];
    await run(join(root, 'node_modules/.bin/tsc'), [...options, 'program.ts'], { cwd: folder });
  });
});
