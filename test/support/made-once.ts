// Makes costly things once per run, for the test files of all workers; the first that needs one makes it. Nothing is
// kept for the next run, because the source may have changed.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inject } from 'vitest';
import { patience } from './patience.ts';

/** The folder of this name, filled by `make`. Other callers wait for the first one. */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(inject('runFolder'), name);
  const [draft, failed] = [`${folder}.draft`, `${folder}.failed`];
  if (isFirst(`${folder}.taken`)) {
    try {
      mkdirSync(draft);
      await make(draft);
      renameSync(draft, folder);
    } catch (error) {
      writeFileSync(failed, '');
      throw error;
    }
  }
  for (const giveUp = Date.now() + 2 * patience; !existsSync(folder); await pause(20)) {
    if (existsSync(failed)) throw new Error(`${name} could not be made; another test file says why.`);
    if (Date.now() > giveUp) throw new Error(`Waited ${2 * patience} ms for another test file to make ${name}.`);
  }
  return folder;
}

/** Whether this caller is the first, which makes the folder. */
function isFirst(taken: string): boolean {
  mkdirSync(join(taken, '..'), { recursive: true });
  try {
    mkdirSync(taken);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
