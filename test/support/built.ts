// Compiles what tests start as processes, because compiled code starts in half of tsx's time. It is built anew in each
// run, outside of dist/, so that it is never stale and never mistaken for the package's build.
import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { madeOnce } from './made-once.ts';

const root = resolve(import.meta.dirname, '../..');

const build = await madeOnce('build', async (folder) => {
  const project = join(import.meta.dirname, 'tsconfig.build.json');
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', project, '--outDir', folder]).catch(
    ({ message, stdout }: { message: string; stdout?: string }) => {
      throw new Error(`The source can't be compiled: ${message}\n${stdout ?? ''}`);
    },
  );
  // The compiled modules look for packages and the version here.
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(root, name), join(folder, name));
});

/** The compiled file of a source file, like `src/main.ts`. */
export function built(source: string): string {
  return join(build, source.replace(/\.ts$/, '.js'));
}
