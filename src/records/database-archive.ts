// Lays a database down in a folder from PGlite's own archive of it, a tar.
// It must never leave half a database where a whole one is looked for.
import { mkdirSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';

/**
 * Lays it down at a path that is not there yet, or empty: all of it, on the disk, or none of it. Nobody but this user can
 * read it, as PostgreSQL demands.
 */
export async function layDownDatabase(archive: Buffer, path: string): Promise<void> {
  const draft = `${path}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  const entries = entriesOf(archive);
  for (const { name, data } of entries) if (data === undefined) mkdirSync(join(draft, name), { mode: 0o700 });
  await pMap(
    entries,
    async ({ name, data }) => {
      if (data === undefined) return;
      const file = await open(join(draft, name), 'wx', 0o600);
      try {
        await file.writeFile(data);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    { concurrency: 16 },
  );
  await rename(draft, path);
}

interface Entry {
  readonly name: string;
  /** None of a folder's. */
  readonly data?: Buffer;
}

const block = 512;

/** Folders come before what is in them. */
function entriesOf(tar: Buffer): Entry[] {
  const entries: Entry[] = [];
  const text = (from: number, length: number) => tar.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    const [name, size, type] = [text(at, 100), Number.parseInt(text(at + 124, 12), 8) || 0, text(at + 156, 1)];
    const begin = at + block;
    // The lock of the process that made it.
    if (!name.endsWith('/postmaster.pid')) {
      entries.push(type === '5' ? { name } : { name, data: tar.subarray(begin, begin + size) });
    }
    at = begin + Math.ceil(size / block) * block;
  }
  return entries;
}
