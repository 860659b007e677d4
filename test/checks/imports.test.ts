import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, allowedImports } from '../../checks/allowed-imports.ts';
import { importFaults } from '../../checks/imports.ts';

const entries: readonly Entry[] = [
  { of: ['src/aws/'], holds: 'calls', imports: ['@aws-sdk/client-neptune', 'node:timers'] },
  { of: ['src/records/'], holds: 'what is remembered', imports: ['src/operation.ts'] },
  { of: ['src/operation.ts'], holds: 'the words', imports: ['zod'] },
  { of: ['src/cli/'], holds: 'the command', imports: ['src/operation.ts'], dynamically: ['src/aws/'] },
];

let root: string;

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

const faults = (list: readonly Entry[] = entries) => importFaults(root, list);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'imports-'));
  write('src/operation.ts', "import { z } from 'zod';\nexport type Words = z.ZodType;\n");
  write(
    'src/aws/clients.ts',
    "import { Neptune } from '@aws-sdk/client-neptune';\nimport { setTimeout } from 'node:timers/promises';\n",
  );
  write(
    'src/records/store.ts',
    "import type { Words } from '../operation.ts';\nexport * from './deep/down/index.ts';\n",
  );
  write('src/records/deep/down/index.ts', "export type { Words } from '../../../operation.ts';\n");
  write('src/cli/main.ts', "import '../operation.ts';\nawait import('../aws/clients.ts');\n");
});

afterEach(() => rmSync(root, { recursive: true }));

describe('the check of imports', () => {
  it('finds nothing wrong with this project', () => {
    expect(importFaults('.', allowedImports)).toEqual([]);
  });

  it('finds nothing wrong where everything is allowed and every right is used', () => {
    expect(faults()).toEqual([]);
  });

  it('says where a forbidden import is, what it imports, which entry refuses it and what to do', () => {
    write('src/records/redis.ts', "// Of Redis.\nimport { clients } from '../aws/clients.ts';\n");
    expect(faults()).toEqual([
      'src/records/redis.ts:2: import of src/aws/clients.ts is refused: the entry of "src/records/" in checks/allowed-imports.ts ' +
        "doesn't allow it. Move the code to a folder that may import it; add it to the entry only if the folder's purpose has changed.",
    ]);
  });

  it.each([
    ['a package', "import { Queue } from 'bullmq';", 'bullmq'],
    ['a file inside a package', "import { Queue } from 'bullmq/dist/esm/index.js';", 'bullmq'],
    ['another package of an allowed scope', "import '@aws-sdk/client-sqs';", '@aws-sdk/client-sqs'],
    ["a module of Node's", "import { readFile } from 'node:fs/promises';", 'node:fs'],
    ["a module of Node's without its prefix", "import { readFile } from 'fs';", 'node:fs'],
    ['a type', "import type { Job } from '../../../records/store.ts';", 'src/records/store.ts'],
    ['a type among values', "import { type Job } from '../../../records/store.ts';", 'src/records/store.ts'],
    ['a type where it is used', "let job: import('../../../records/store.ts').Job;", 'src/records/store.ts'],
    ['a name that is exported again', "export { job } from '../../../records/store.ts';", 'src/records/store.ts'],
    ['all names exported again', "export * from '../../../records/store.ts';", 'src/records/store.ts'],
    ['import … = require(…)', "import store = require('../../../records/store.ts');", 'src/records/store.ts'],
  ])('refuses %s, any number of levels deeper', (_kind, statement, target) => {
    write('src/aws/deep/down/file.ts', statement);
    expect(faults()).toEqual([
      expect.stringContaining(`src/aws/deep/down/file.ts:1: import of ${target} is refused: the entry of "src/aws/"`),
    ]);
  });

  it.each([
    ['a literal', "await import('../records/store.ts');", 'src/records/store.ts'],
    ['a template without gaps', 'await import(`../records/store.ts`);', 'src/records/store.ts'],
    ['something computed', 'await import(process.argv[2]);', '(computed)'],
  ])('refuses import() of %s, wherever it stands', (_kind, statement, target) => {
    write('src/aws/late.ts', `export async function late() {\n  ${statement}\n}\n`);
    expect(faults()).toEqual([expect.stringContaining(`src/aws/late.ts:2: import() of ${target} is refused`)]);
  });

  it('refuses import where only import() is allowed', () => {
    write('src/cli/start.ts', "import type { Aws } from '../aws/clients.ts';\n");
    expect(faults()).toEqual([
      'src/cli/start.ts:1: import of src/aws/clients.ts is refused: "src/cli/" may reach it by `await import()` only, so that it is ' +
        'loaded only where it is needed (checks/allowed-imports.ts).',
    ]);
  });

  it('takes a name without a slash at its end for one file, not for everything that begins like it', () => {
    write('src/operation.tsx', '');
    write('src/records/other.ts', "import '../operation.tsx';\n");
    const more = { of: ['src/operation.tsx'], holds: 'an odd name', imports: [] };
    expect(faults([...entries, more])).toEqual([expect.stringContaining('import of src/operation.tsx is refused')]);
  });

  it('gives a file with an entry of its own the rights of that entry only', () => {
    write('src/records/redis.ts', "import 'ioredis';\nimport './store.ts';\n");
    const own = { of: ['src/records/redis.ts'], holds: 'Redis', imports: ['ioredis'] };
    expect(faults([own, ...entries])).toEqual([
      expect.stringContaining(
        'src/records/redis.ts:2: import of src/records/store.ts is refused: the entry of "src/rec',
      ),
    ]);
  });

  it('refuses to the rest of a folder the file in it that has an entry of its own', () => {
    write('src/records/redis.ts', "import 'ioredis';\n");
    write('src/records/store.ts', "import '../operation.ts';\nimport './redis.ts';\n");
    const own = { of: ['src/records/redis.ts'], holds: 'Redis', imports: ['ioredis'] };
    expect(faults([...entries, own])).toEqual([
      expect.stringContaining('src/records/store.ts:2: import of src/records/redis.ts is refused'),
    ]);
  });

  it('refuses an import that leads to no file', () => {
    write('src/records/a.ts', "import './store';\nimport './deep';\nimport './store.ts';\n");
    expect(faults()).toEqual([
      'src/records/a.ts:1: import of src/records/store: there is no such file. Write the path from this file, with its extension.',
      expect.stringContaining('src/records/a.ts:2: import of src/records/deep: there is no such file.'),
    ]);
  });

  it('refuses a file that no entry speaks for, and one that it cannot parse', () => {
    write('tools/more.mjs', '');
    write('src/aws/broken.ts', 'import { from;');
    expect(faults()).toEqual([
      expect.stringContaining("src/aws/broken.ts: its imports can't be read."),
      'tools/more.mjs: no entry of checks/allowed-imports.ts speaks for this file. Add its folder to the list.',
    ]);
  });

  it('refuses a right that nothing uses, and an entry that speaks for nothing', () => {
    const tooMuch: Entry[] = [
      { of: ['src/aws/', 'src/azure/'], holds: 'calls', imports: ['@aws-sdk/client-neptune', 'node:timers', 'bullmq'] },
      ...entries.slice(1, 3),
      { of: ['src/cli/'], holds: 'the command', imports: ['src/operation.ts'], dynamically: ['src/aws/', 'zod'] },
    ];
    expect(faults(tooMuch)).toEqual([
      'checks/allowed-imports.ts: the entry of "src/azure/" speaks for no file. Remove it, or correct its path.',
      'checks/allowed-imports.ts: nothing in "src/aws/", "src/azure/" uses its right to import "bullmq". Remove it.',
      'checks/allowed-imports.ts: nothing in "src/cli/" uses its right to import "zod". Remove it.',
    ]);
  });

  it('reads nothing that is installed, built or hidden', () => {
    for (const folder of ['node_modules/x', 'packages/client/node_modules/y', 'dist', 'data', '.ci'])
      write(`${folder}/index.js`, "import './nowhere.js';\n");
    expect(faults()).toEqual([]);
  });
});
