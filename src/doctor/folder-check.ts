// Checks the embedded store's folder: whether it exists or can be made, is writable, is in use, and has disk space. It
// never opens the store, because a service may be using it.
import { accessSync, constants, existsSync, statSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { livingOwnerOf } from '../records/folder-lock.ts';
import { rightsOfOthers } from '../records/private-folder.ts';
import type { Chapter } from './finding.ts';

/** With less free space the database may be unable to vacuum; bytes. */
const leastFree = 500 * 1_048_576;

export function checkFolder(into: Chapter, path: string): void {
  const folder = resolve(path);
  const there = nearest(folder);
  if (!statSync(there).isDirectory()) {
    return into.wrong('folder', `${there} is not a folder`, 'Name another one in NEPTUNE_OPS_DATA_DIR.');
  }
  try {
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const says = `${there} can't be written to: ${(error as NodeJS.ErrnoException).code}`;
    const user = process.getuid?.() ?? '$USER';
    return into.wrong('folder', says, `sudo chown -R ${user} ${there}; or set NEPTUNE_OPS_DATA_DIR`);
  }
  const has = existsSync(join(folder, 'pg')) ? 'with a store' : 'where a new store will be made';
  into.fine('folder', `${folder}, ${has}`);
  checkRights(into, folder);
  const owner = livingOwnerOf(folder);
  into.fine('in use', owner === undefined ? 'by nobody' : `by the process with pid ${owner}: a service is running`);
  const { bavail, bsize } = statfsSync(there);
  const free = bavail * bsize;
  const says = `${(free / 1_073_741_824).toFixed(1)} GB`;
  if (free >= leastFree) return into.fine('free space', says);
  into.wrong('free space', `${says} are left on its disk`, `Make room: du -sh ${there}; or set NEPTUNE_OPS_DATA_DIR`);
}

function checkRights(into: Chapter, folder: string): void {
  if (!existsSync(folder)) return;
  const rights = rightsOfOthers(folder);
  if (rights === undefined) return into.fine('rights', 'nobody else may read or change it');
  into.wrong('rights', `other users of this machine may ${rights} ${folder}`, `chmod 700 ${folder}`);
}

/** The folder itself, or the nearest parent that exists. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}
