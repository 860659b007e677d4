// A file with an empty database that has all tables: making one takes seconds, unpacking this one a fraction. The build
// makes it; otherwise the first start does. A start adds the tables of a newer service, as it does to every older
// folder.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openEmbeddedDatabase } from '../records/embedded-database.ts';
import { openEmbeddedStore } from '../records/embedded-store.ts';
import { packageFolder, versionOf } from '../version.ts';
import { createEmbeddedPool } from './embedded-pool.ts';

// Another version of PGlite may use other files.
const name = `database-pglite-${versionOf('@electric-sql/pglite')}-bullmq-${versionOf('bullmq')}.tar.gz`;
const kept = fileURLToPath(new URL(`dist/${name}`, packageFolder));

let prepared: Promise<Buffer> | undefined;

/** Its archive for `openEmbeddedDatabase`, read or made once per process. Rejects with PGlite's own errors. */
export function preparedDatabase(): Promise<Buffer> {
  return (prepared ??= readKept() ?? prepare());
}

/** `undefined` if there is no file, or it can't be read to its end. */
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

/** If the package's folder isn't writable, the next start makes it again. */
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
