// The store in the embedded database: two tables, and one SQL function that carries out a commit as one statement. It
// never uses BEGIN and COMMIT: the session is shared, so other callers' statements would join the transaction.

import { planCommit } from './commit-plan.ts';
import type { EmbeddedDatabase } from './embedded-database.ts';
import { pageOf, stretchOf } from './index-page.ts';
import type { Change, Committed, Cursor, Indexes, Page, PageRequest, Store, Stored } from './store.ts';

interface EmbeddedStoreOptions {
  /** The store's `close` leaves it open, because the queues use it too. */
  readonly database: EmbeddedDatabase;
  /** Milliseconds since 1970; for tests. Default: this process' clock. */
  readonly now?: () => number;
}

/**
 * `value` is text: jsonb refuses \u0000 and changes how numbers are written. Collation "C" is byte order, as in Redis.
 * Names carry their schema, because the session's search_path is BullMQ's.
 */
const SCHEMA = `
CREATE SCHEMA IF NOT EXISTS neptune_ops;
CREATE TABLE IF NOT EXISTS neptune_ops.record (
  key text COLLATE "C" PRIMARY KEY, version text NOT NULL, value text NOT NULL, indexes jsonb NOT NULL
);
CREATE TABLE IF NOT EXISTS neptune_ops.record_index (
  name text COLLATE "C", member text COLLATE "C", PRIMARY KEY (name, member)
);

-- Answers the position of the first refusal, counted from 0 and before anything is written, or null.
CREATE OR REPLACE FUNCTION neptune_ops.commit(plan json) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  expected json;
  checked integer := 0;
BEGIN
  FOR expected IN SELECT * FROM json_array_elements(plan -> 'expects') LOOP
    IF expected ->> 'is' = 'empty' THEN
      IF EXISTS (SELECT FROM neptune_ops.record_index WHERE name = expected ->> 'of') THEN RETURN checked; END IF;
    ELSIF expected ->> 'is' = 'absent' THEN
      IF EXISTS (SELECT FROM neptune_ops.record WHERE key = expected ->> 'of') THEN RETURN checked; END IF;
    ELSIF NOT EXISTS (
      SELECT FROM neptune_ops.record WHERE key = expected ->> 'of' AND version = expected -> 'is' ->> 'version'
    ) THEN
      RETURN checked;
    END IF;
    checked := checked + 1;
  END LOOP;

  INSERT INTO neptune_ops.record
    SELECT * FROM json_to_recordset(plan -> 'documents') AS d(key text, version text, text text, indexes jsonb)
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, value = excluded.value, indexes = excluded.indexes;
  DELETE FROM neptune_ops.record WHERE key IN (SELECT json_array_elements_text(plan -> 'deleted'));
  DELETE FROM neptune_ops.record_index AS entry
    USING json_to_recordset(plan -> 'removed') AS r(index text, member text)
    WHERE entry.name = r.index AND entry.member = r.member;
  INSERT INTO neptune_ops.record_index
    SELECT * FROM json_to_recordset(plan -> 'added') AS a(index text, member text) ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;`;

const READ = 'SELECT key, version, value, indexes FROM neptune_ops.record WHERE key = ANY($1::text[])';

const PRUNE = `
DELETE FROM neptune_ops.record_index AS entry
WHERE name = $1 AND member = ANY($2::text[]) AND NOT EXISTS (
  SELECT FROM neptune_ops.record
  WHERE key = substr(entry.member, 14) AND lpad(indexes ->> $1, 13, '0') = left(entry.member, 13)
)
RETURNING member`;

interface Row {
  readonly key: string;
  readonly version: string;
  readonly value: string;
  readonly indexes: Indexes;
}

/** Opens the store and creates its tables if they are missing. Rejects with PGlite's own errors. */
export async function openEmbeddedStore({ database, now = Date.now }: EmbeddedStoreOptions): Promise<Store> {
  await database.query(SCHEMA);
  database.keepVacuumed('neptune_ops.record', 'neptune_ops.record_index');

  async function read(keys: readonly string[]) {
    const { rows } = await database.query<Row>(READ, [keys]);
    const found = new Map(rows.map((row) => [row.key, documentIn(row)]));
    return { at: now(), records: keys.map((key) => found.get(key)) };
  }

  async function commit(changes: readonly Change[]): Promise<Committed> {
    const { written, ...plan } = planCommit(changes);
    const { rows } = await database.query<{ refused: number | null }>(
      'SELECT neptune_ops.commit($1::json) AS refused',
      [JSON.stringify(plan)],
    );
    const refused = rows[0]?.refused ?? undefined;
    return refused === undefined ? { ok: true, written } : { ok: false, refused };
  }

  async function page<Value>(index: string, request: PageRequest): Promise<Page<Value>> {
    const { from, to } = stretchOf(request);
    const parameters: unknown[] = [index];
    const within = [
      ...(from ? [`member ${from.inclusive ? '>=' : '>'} $${parameters.push(from.place)}`] : []),
      ...(to ? [`member ${to.inclusive ? '<=' : '<'} $${parameters.push(to.place)}`] : []),
    ];
    const direction = request.order === 'newest' ? 'DESC' : 'ASC';
    // One more than asked for, to know whether the index goes on.
    const { rows } = await database.query<{ member: Cursor } & (Row | { key: null })>(
      `SELECT entry.member, record.key, version, value, indexes FROM (
         SELECT member FROM neptune_ops.record_index WHERE ${['name = $1', ...within].join(' AND ')}
         ORDER BY member ${direction} LIMIT ${request.limit + 1}
       ) AS entry LEFT JOIN neptune_ops.record ON record.key = substr(entry.member, 14)
       ORDER BY entry.member ${direction}`,
      parameters,
    );
    const entries = rows.map(({ member }) => member);
    const documents = rows.map((row) => (row.key === null ? undefined : documentIn(row)));
    return pageOf(index, request, entries, documents);
  }

  async function count(index: string): Promise<number> {
    const { rows } = await database.query<{ entries: string }>(
      'SELECT count(*) AS entries FROM neptune_ops.record_index WHERE name = $1',
      [index],
    );
    return Number(rows[0]?.entries);
  }

  async function prune(index: string, entries: readonly Cursor[]): Promise<number> {
    const { rows } = await database.query(PRUNE, [index, entries]);
    return rows.length;
  }

  // Nothing to close: the database is the caller's.
  return { read, knownTime: now, commit, page, count, prune, close: () => Promise.resolve() };
}

function documentIn({ key, version, value, indexes }: Row): Stored {
  return { key, version, value: JSON.parse(value) as unknown, indexes };
}
