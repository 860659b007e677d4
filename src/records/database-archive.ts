// Unpacks PGlite's archive of a database, a tar, into a folder. It never leaves half a database where a whole one is
// expected.
import { mkdirSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';

/**
 * Unpacks it at a path that is missing or empty: completely and synced to disk, or not at all. Only this user can read
 * it, as PostgreSQL requires.
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
  /** Absent for a folder. */
  readonly data?: Buffer;
}

const block = 512;

/** Folders come before their contents. */
function entriesOf(tar: Buffer): Entry[] {
  const entries: Entry[] = [];
  const text = (from: number, length: number) => tar.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    const [name, size, type] = [text(at, 100), Number.parseInt(text(at + 124, 12), 8) || 0, text(at + 156, 1)];
    const begin = at + block;
    // The lock of the process that made the archive.
    if (!name.endsWith('/postmaster.pid')) {
      entries.push(type === '5' ? { name } : { name, data: tar.subarray(begin, begin + size) });
    }
    at = begin + Math.ceil(size / block) * block;
  }
  return entries;
}
