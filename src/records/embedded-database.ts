// PostgreSQL inside this process (PGlite), for a machine without Redis. Store and queues share its one session. It
// never runs two statements in one turn of the event loop, and never opens a folder that another process has open.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { PGlite, types } from '@electric-sql/pglite';
import { layDownDatabase } from './database-archive.ts';
import { lockFolder } from './folder-lock.ts';
import { makeContentsPrivate } from './private-folder.ts';

// V8 compiles PGlite's busy functions a second time, better and for long: by its own measure so early that this is half of a
// start's work. After some seconds of work it makes no difference.
setFlagsFromString('--wasm-tiering-budget=50000000');

interface QueryResult<Row> {
  readonly rows: Row[];
  readonly rowCount: number;
}

/**
 * Runs SQL: one statement with parameters, or several without. Rejects with PostgreSQL's error; its `code` is the
 * SQLSTATE.
 */
type Query = <Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]) => Promise<QueryResult<Row>>;

export interface EmbeddedDatabase {
  readonly query: Query;
  /**
   * Runs statements as one transaction, with no other caller's statements between them. Inside, use the `query` it is
   * given: the database's own `query` would wait for ever.
   */
  exclusive<Result>(work: (query: Query) => Promise<Result>): Promise<Result>;
  /** Adds tables to those that are vacuumed every minute. Names carry their schema. */
  keepVacuumed(...tables: string[]): void;
  /** Vacuums all registered tables now, one statement at a time. */
  vacuum(): Promise<void>;
  /** All of it as a tar, as it is now. */
  archive(): Promise<Buffer>;
  /** Calls the listener with every NOTIFY of a channel that somebody listens to. Returns the function that stops it. */
  onNotification(listener: (channel: string, payload: string) => void): () => void;
  /** Waits for statements under way, then closes the files and unlocks the folder. Later queries reject. */
  close(): Promise<void>;
}

interface EmbeddedDatabaseOptions {
  /** Created if missing. `memory://` keeps nothing after the process ends. */
  readonly folder: string;
  /** The archive of a database that new ones begin as; without one, PostgreSQL makes them, which takes seconds. */
  readonly prepared?: () => Promise<Buffer>;
  readonly vacuumEveryMs?: number;
}

/**
 * Opens the database; a prepared one in a new folder takes half a second more.
 *
 * Rejects with `FolderInUseError` when a process has the folder open, this one included.
 */
export async function openEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const { folder, prepared, vacuumEveryMs = 60_000 } = options;
  const inMemory = folder.startsWith('memory://');
  const unlock = inMemory ? () => {} : await lockFolder(folder);
  try {
    const place = inMemory ? folder : join(folder, 'pg');
    const isNew = inMemory || !existsSync(join(place, 'PG_VERSION'));
    const archive = isNew ? await prepared?.() : undefined;
    if (archive && !inMemory) await layDownDatabase(archive, place);
    const pglite = await PGlite.create(place, {
      ...(archive && inMemory ? { loadDataDir: new Blob([new Uint8Array(archive)]) } : {}),
      // PGlite's default is fsync=off, with which a power cut loses commits that were already answered.
      startParams: [...PGlite.defaultStartParams, '-c', 'fsync=on', '-c', 'shared_buffers=16MB'],
      // node-postgres reads int8 as text, and BullMQ expects that.
      parsers: { [types.INT8]: (value: string) => value },
      serializers: { [types.TEXT]: text, [types.VARCHAR]: text, [types.JSON]: json, [types.JSONB]: json },
    });
    // It makes files that everybody may read and write, whatever the process asks for.
    if (!inMemory) makeContentsPrivate(folder);
    return shareSession(pglite, unlock, vacuumEveryMs);
  } catch (error) {
    unlock();
    throw error;
  }
}

function shareSession(pglite: PGlite, unlock: () => void, vacuumEveryMs: number): EmbeddedDatabase {
  const tables = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;

  /**
   * PGlite computes in this thread and answers in microtasks, so a busy caller would keep timers and sockets from
   * running. Each piece of work therefore waits for the one before it and for the next turn of the event loop.
   */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (closing) return Promise.reject(new Error('The embedded database is closed.'));
    const done = last.then(() => nextTurn()).then(work);
    last = done.catch(() => undefined);
    return done;
  }

  const queryNow: Query = async <Row>(sql: string, parameters: readonly unknown[] = []) => {
    if (parameters.length === 0) {
      const result = (await pglite.exec(sql)).at(-1);
      return { rows: (result?.rows ?? []) as Row[], rowCount: result?.affectedRows ?? 0 };
    }
    const { rows, affectedRows } = await pglite.query<Row>(sql, [...parameters]);
    return { rows, rowCount: affectedRows || rows.length };
  };
  const query: Query = (sql, parameters) => inTurn(() => queryNow(sql, parameters));

  async function vacuum(): Promise<void> {
    // One statement each: several together would be a transaction, and VACUUM can't run in one.
    for (const table of tables) if (!closing) await query(`VACUUM ANALYZE ${table}`);
  }

  // PGlite has no autovacuum. Without it tables bloat, and after some thousand jobs BullMQ claims them at half the
  // speed.
  const timer = setInterval(() => {
    vacuum().catch((error: Error) => {
      if (!closing) process.emitWarning(error);
    });
  }, vacuumEveryMs).unref();

  async function end(): Promise<void> {
    clearInterval(timer);
    await last;
    await pglite.close();
    unlock();
  }

  return {
    query,
    exclusive: (work) => inTurn(() => work(queryNow)),
    keepVacuumed: (...names) => names.forEach((name) => tables.add(name)),
    vacuum,
    archive: () =>
      inTurn(async () => {
        await pglite.exec('CHECKPOINT');
        return Buffer.from(await (await pglite.dumpDataDir('none')).arrayBuffer());
      }),
    onNotification: (listener) => pglite.onNotification(listener),
    close: () => (closing ??= end()),
  };
}

function text(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function json(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
