// Which of the two the command runs: a package in small, whose source and build say which they are.
import { execFile } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

const run = promisify(execFile);
let folder: string;
const place = (path: string) => join(folder, path);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neptune-ops-bin-'));
  for (const part of ['src/cli', 'emulator', 'demo', 'dist/src/cli']) mkdirSync(place(part), { recursive: true });
  for (const file of ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'bin'])
    cpSync(file, place(file), { recursive: true });
  symlinkSync(resolve('node_modules'), place('node_modules'));
  writeFileSync(place('src/cli/main.ts'), "const said: string = 'source';\nconsole.log(said);\n");
  writeFileSync(place('dist/src/cli/main.js'), "console.log('build');\n");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function said(): Promise<string> {
  return (await run(process.execPath, [place('bin/neptune-ops.js')])).stdout.trim();
}

async function stamp(): Promise<void> {
  const code = `import { digestOfSources, stampBuild } from ${JSON.stringify(place('bin/build-stamp.js'))}; stampBuild(digestOfSources())`;
  await run(process.execPath, ['--input-type=module', '-e', code]);
}

it('the command runs the build of its sources, also where their times have changed', async () => {
  await stamp();
  expect(await said()).toBe('build');
  utimesSync(place('src/cli/main.ts'), new Date(), new Date(Date.now() + 60_000));
  expect(await said()).toBe('build');
});

it('the command runs the source where there is no build of it, or a file was changed, added or taken away', async () => {
  expect(await said()).toBe('source');
  await stamp();
  appendFileSync(place('src/cli/main.ts'), '\n');
  expect(await said()).toBe('source');
  await stamp();
  expect(await said()).toBe('build');
  writeFileSync(place('demo/more.ts'), '');
  expect(await said()).toBe('source');
  rmSync(place('demo/more.ts'));
  expect(await said()).toBe('build');
  rmSync(place('dist'), { recursive: true });
  expect(await said()).toBe('source');
});

it('the command runs the build where there is no source', async () => {
  rmSync(place('src'), { recursive: true });
  expect(await said()).toBe('build');
});
