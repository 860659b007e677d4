// Embedded databases in memory, lent to one test after the other: opening one and making BullMQ's tables takes half a second,
// emptying it some milliseconds. It must not be used where opening, closing or making the tables is what is tested.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../src/records/embedded-database.ts';
import { madeOnce } from './made-once.ts';

const idle: EmbeddedDatabase[] = [];

/** Made once a run: it takes some seconds, and each process would need its own. */
async function dump(): Promise<Blob> {
  const folder = await madeOnce('dump', async (draft) => {
    const pglite = await PGlite.create('memory://');
    const copy = await pglite.dumpDataDir('none');
    await pglite.close();
    writeFileSync(join(draft, 'empty.tar'), Buffer.from(await copy.arrayBuffer()));
  });
  return new Blob([readFileSync(join(folder, 'empty.tar'))]);
}

/** Empties every table but the one in which BullMQ notes how its tables were made. */
const EMPTY = `
UNLISTEN *;
DO $$
DECLARE
  one record;
  used boolean;
BEGIN
  FOR one IN
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname IN ('bullmq', 'neptune_ops') AND tablename <> 'migration'
  LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || one.name || ')' INTO used;
    IF used THEN EXECUTE 'TRUNCATE ' || one.name || ' RESTART IDENTITY CASCADE'; END IF;
  END LOOP;
END
$$;`;

/** An empty database; closed, it goes to the next one. */
export async function lendDatabase(): Promise<EmbeddedDatabase> {
  const database = idle.pop() ?? (await openEmbeddedDatabase({ folder: 'memory://', copyOf: await dump() }));
  const deaf: (() => void)[] = [];
  let closing: Promise<void> | undefined;
  const ifOpen = <Result>(work: () => Promise<Result>): Promise<Result> =>
    closing ? Promise.reject(new Error('The embedded database is closed.')) : work();

  async function giveBack(): Promise<void> {
    for (const stop of deaf) stop();
    // Comes after all statements that are under way.
    await database.query(EMPTY);
    idle.push(database);
  }

  return {
    query: (sql, parameters) => ifOpen(() => database.query(sql, parameters)),
    exclusive: (work) => ifOpen(() => database.exclusive(work)),
    keepVacuumed: database.keepVacuumed,
    vacuum: () => ifOpen(() => database.vacuum()),
    onNotification(listener) {
      const stop = database.onNotification(listener);
      deaf.push(stop);
      return stop;
    },
    close: () => (closing ??= giveBack()),
  };
}
