// Keeps the embedded store's folder to the user the service runs as: records say what is stopped and emptied next. Windows has
// no such rights, and there nothing is done.
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Rights of others than the owner; the bit of a folder that everybody may put files into. */
const [others, sticky] = [0o077, 0o1000];

/** Makes the folder, or takes from others the rights they have in it. Throws an `Error` where it is meant for everybody. */
export function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const { mode, uid } = statSync(folder);
  if (mode & sticky) {
    throw new Error(
      `${folder} is a folder that all users of this machine share. Name one of its own in NEPTUNE_OPS_DATA_DIR.`,
    );
  }
  // Somebody else's, as a volume may be: what is inside is made private all the same.
  if (mode & others && uid === process.geteuid?.()) chmodSync(folder, mode & 0o700);
}

/** Takes from others their rights in everything that is in the folder, for a store of an earlier version. */
export function makeContentsPrivate(folder: string): void {
  if (process.platform === 'win32') return;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mode, uid } = lstatSync(path);
    if ((entry.isFile() || entry.isDirectory()) && mode & others && uid === process.geteuid?.())
      chmodSync(path, mode & 0o700);
  }
}

/** What others may do in the folder, in words; `undefined` where it is nothing. */
export function rightsOfOthers(folder: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  const { mode } = statSync(folder);
  const rights = [mode & 0o055 ? 'read' : '', mode & 0o022 ? 'change' : ''].filter((word) => word !== '');
  return rights.length === 0 ? undefined : rights.join(' and ');
}
