// A database with all tables and nothing in them, as one file of the package: making one takes seconds, laying this down takes
// a part of one. The build makes it, and where it didn't, the first start does. Tables that a newer service needs are added to
// it at its start, as they are to every older folder.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openEmbeddedDatabase } from '../records/embedded-database.ts';
import { openEmbeddedStore } from '../records/embedded-store.ts';
import { packageFolder, versionOf } from '../version.ts';
import { createEmbeddedPool } from './embedded-pool.ts';

// Another PGlite may lay its files out otherwise.
const name = `database-pglite-${versionOf('@electric-sql/pglite')}-bullmq-${versionOf('bullmq')}.tar.gz`;
const kept = fileURLToPath(new URL(`dist/${name}`, packageFolder));

let prepared: Promise<Buffer> | undefined;

/** Its archive for `openEmbeddedDatabase`, read or made once a process. Rejections are PGlite's own. */
export function preparedDatabase(): Promise<Buffer> {
  return (prepared ??= readKept() ?? prepare());
}

/** Nothing where there is no file, or one that can't be read to its end. */
function readKept(): Promise<Buffer> | undefined {
  try {
    return Promise.resolve(gunzipSync(readFileSync(kept)));
  } catch {
    return undefined;
  }
}

async function prepare(): Promise<Buffer> {
  const database = await openEmbeddedDatabase({ folder: 'memory://' });
  try {
    await (await createEmbeddedPool(database)).close();
    await openEmbeddedStore({ database });
    const archive = await database.archive();
    keep(gzipSync(archive));
    return archive;
  } finally {
    await database.close();
  }
}

/** Where the package can't be written to, the next start prepares it again. */
function keep(packed: Buffer): void {
  const draft = `${kept}.${process.pid}`;
  try {
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(draft, packed);
    renameSync(draft, kept);
  } catch {
    rmSync(draft, { force: true });
  }
}
