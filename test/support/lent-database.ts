// Lends embedded databases in memory to one test after the other: opening one and making BullMQ's tables takes half a
// second, emptying it some milliseconds. Not for tests of opening, closing or making the tables.
import { preparedDatabase } from '../../src/queue/prepared-database.ts';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../src/records/embedded-database.ts';

const idle: EmbeddedDatabase[] = [];

/** Empties every table but the one in which BullMQ records its migrations. */
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

/** An empty database. Closing it makes it available again. */
export async function lendDatabase(): Promise<EmbeddedDatabase> {
  const database = idle.pop() ?? (await openEmbeddedDatabase({ folder: 'memory://', prepared: preparedDatabase }));
  const deaf: (() => void)[] = [];
  let closing: Promise<void> | undefined;
  const ifOpen = <Result>(work: () => Promise<Result>): Promise<Result> =>
    closing ? Promise.reject(new Error('The embedded database is closed.')) : work();

  async function giveBack(): Promise<void> {
    for (const stop of deaf) stop();
    // Runs after all statements under way.
    await database.query(EMPTY);
    idle.push(database);
  }

  return {
    query: (sql, parameters) => ifOpen(() => database.query(sql, parameters)),
    exclusive: (work) => ifOpen(() => database.exclusive(work)),
    archive: () => ifOpen(() => database.archive()),
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
