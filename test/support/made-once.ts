// What is costly to make, made once a run for the files of all workers, by whichever needs it first. It must keep nothing for
// the next run: that one's source may be another.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inject } from 'vitest';

/** The folder of this name, which `make` filled; the others wait for the first one. */
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
  while (!existsSync(folder)) {
    if (existsSync(failed)) throw new Error(`${name} could not be made; another test file says why.`);
    await pause(20);
  }
  return folder;
}

/** Only one of all that ask gets to make the folder. */
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
