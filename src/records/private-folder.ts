// Keeps the embedded store's folder private to the service's user, because records decide what is stopped and emptied
// next. On Windows it does nothing, because there are no such modes.
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The modes of others than the owner, and the bit of a folder in which everybody may create files. */
const [others, sticky] = [0o077, 0o1000];

/**
 * Makes the folder, or removes the rights of others in it. Throws an `Error` for a folder that is meant for everybody.
 */
export function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const { mode, uid } = statSync(folder);
  if (mode & sticky) {
    throw new Error(
      `${folder} is a folder that all users of this machine share. Name one of its own in NEPTUNE_OPS_DATA_DIR.`,
    );
  }
  // Another user may own it, as with a volume; its contents are made private all the same.
  if (mode & others && uid === process.geteuid?.()) chmodSync(folder, mode & 0o700);
}

/** Removes the rights of others in everything in the folder, for a store of an earlier version. */
export function makeContentsPrivate(folder: string): void {
  if (process.platform === 'win32') return;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mode, uid } = lstatSync(path);
    if ((entry.isFile() || entry.isDirectory()) && mode & others && uid === process.geteuid?.())
      chmodSync(path, mode & 0o700);
  }
}

/** The rights of others in the folder, in words; `undefined` if they have none. */
export function rightsOfOthers(folder: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  const { mode } = statSync(folder);
  const rights = [mode & 0o055 ? 'read' : '', mode & 0o022 ? 'change' : ''].filter((word) => word !== '');
  return rights.length === 0 ? undefined : rights.join(' and ');
}
