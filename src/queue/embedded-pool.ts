// The embedded database as the `pg.Pool` that BullMQ expects: virtual connections that share its one session. It never
// opens a transaction once the session is shared, and never runs two BullMQ schemas in one database.

import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import {
  DEFAULT_SCHEMA,
  type PgNotification,
  type PgPool,
  type PgPoolClient,
  type PgQueryResult,
  quoteSchemaName,
  runMigrations,
} from 'bullmq';
import type { EmbeddedDatabase } from '../records/embedded-database.ts';

/** The statements of BullMQ that need a substitute here. A test compares them with the installed BullMQ. */
export const recognised = {
  /** Sets a connection's name; the shared session has only one. */
  setName: /^SELECT set_config\('application_name', \$1, false\)/,
  /** Reads the names of all connections, by which BullMQ recognises its workers. */
  clientList: /SELECT application_name\s+FROM pg_stat_activity/,
  /** Sent before each wait for a job. */
  waitingProbe: /SELECT 1 FROM job WHERE queue = \$1 AND state = 'waiting'\s*\)/,
};

/** The tables that BullMQ changes with every job; they are vacuumed regularly. */
const BUSY_TABLES = ['job', 'event', 'meta', 'rate_limit', 'dedup', 'job_log'];
const PROBE_GAP_MS = 25;

/** Pass it to BullMQ as `connection`, with `withBackend(createPostgresBackend)`. */
interface EmbeddedPool extends PgPool {
  /** Ends the pool: later queries reject. The database stays open. Close queues and workers first. */
  close(): Promise<void>;
}

/**
 * Migrates BullMQ's schema and opens the pool. At most one pool per database.
 *
 * Rejects with BullMQ's `SchemaVersionMismatchError` when a newer BullMQ has used the folder.
 */
export async function createEmbeddedPool(database: EmbeddedDatabase): Promise<EmbeddedPool> {
  await database.exclusive(async (query) => {
    // BullMQ doesn't migrate through a pool that it was given.
    await runMigrations(new Connection(query, 0));
    // BullMQ's statements name no schema.
    await query(`SET search_path TO ${quoteSchemaName(DEFAULT_SCHEMA)}`);
  });
  database.keepVacuumed(...BUSY_TABLES.map((table) => `${quoteSchemaName(DEFAULT_SCHEMA)}.${table}`));
  return new SharedSessionPool(database);
}

type RunStatement = <Row>(sql: string, parameters?: readonly unknown[]) => Promise<PgQueryResult<Row>>;

/** One virtual connection, with its own name and the session's notifications. */
class Connection extends EventEmitter implements PgPoolClient {
  readonly id: number;
  readonly openedAt = Date.now();
  name = '';
  onRelease = (): void => {};
  readonly #run: RunStatement;

  constructor(run: RunStatement, id: number) {
    super();
    this.setMaxListeners(0);
    this.#run = run;
    this.id = id;
  }

  async query<Row>(sql: string, parameters?: readonly unknown[]): Promise<PgQueryResult<Row>> {
    if (!recognised.setName.test(sql)) return this.#run<Row>(sql, parameters);
    this.name = String(parameters?.[0] ?? '');
    return { rows: [], rowCount: 0 };
  }

  release(): void {
    this.onRelease();
  }
}

class SharedSessionPool extends EventEmitter implements EmbeddedPool {
  /** BullMQ reads this: a connection inside the process can't drop unnoticed, so a worker may wait long. */
  readonly options = { keepAlive: true };
  readonly #database: EmbeddedDatabase;
  readonly #connections = new Set<Connection>();
  readonly #nextProbe = new Map<string, number>();
  readonly #stopHearing: () => void;
  #opened = 0;
  #closed = false;

  constructor(database: EmbeddedDatabase) {
    super();
    // Every queue and worker adds a listener that BullMQ never removes.
    this.setMaxListeners(0);
    this.#database = database;
    this.#stopHearing = database.onNotification((channel, payload) => {
      const notification: PgNotification = { channel, payload };
      for (const connection of this.#connections) connection.emit('notification', notification);
    });
  }

  async connect(): Promise<Connection> {
    this.#opened += 1;
    const connection = new Connection((sql, parameters) => this.query(sql, parameters), this.#opened);
    connection.onRelease = () => this.#connections.delete(connection);
    this.#connections.add(connection);
    return connection;
  }

  async query<Row>(sql: string, parameters?: readonly unknown[]): Promise<PgQueryResult<Row>> {
    if (recognised.clientList.test(sql)) return { rows: this.#clientList() as Row[] };
    if (recognised.waitingProbe.test(sql)) await this.#paceProbe(String(parameters?.[0]));
    // BullMQ recognises the end of a pool by this message, and then ignores late queries.
    if (this.#closed) throw new Error('Cannot use the embedded pool after calling end on the pool');
    return this.#database.query<Row>(sql, parameters);
  }

  async end(): Promise<void> {
    this.#closed = true;
    this.#stopHearing();
    this.#connections.clear();
  }

  close(): Promise<void> {
    return this.end();
  }

  /**
   * The name becomes part of a line like those of Redis' CLIENT LIST, in which BullMQ looks for `addr` and Bull Board
   * for `age`.
   */
  #clientList(): { application_name: string }[] {
    return [...this.#connections]
      .filter(({ name }) => name !== '')
      .map(({ name, id, openedAt }) => {
        const age = Math.trunc((Date.now() - openedAt) / 1_000);
        return { application_name: `${name} id=${id} addr=in-process age=${age}` };
      });
  }

  /**
   * The probe ignores global concurrency. When a queue is at its limit, it finds jobs that can't start, and every
   * waiting worker would repeat it thousands of times a second.
   */
  async #paceProbe(queue: string): Promise<void> {
    const now = Date.now();
    const at = Math.max(now, (this.#nextProbe.get(queue) ?? 0) + PROBE_GAP_MS);
    this.#nextProbe.set(queue, at);
    if (at > now) await pause(at - now);
  }
}
