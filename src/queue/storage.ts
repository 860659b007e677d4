// Where queues and records are: in Redis, for many processes, or embedded in a folder, for one. The only place that
// knows which. Producers fail fast; workers wait.
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { Queue, Worker, type Processor, type WorkerOptions, createPostgresBackend, withBackend } from 'bullmq';
import type { Logger } from 'pino';
import type { EmbeddedDatabase } from '../records/embedded-database.ts';
import { failFastConnection, patientConnection } from '../records/redis-connection.ts';
import { rightsOfOthers } from '../records/private-folder.ts';
import { openRedisStore } from '../records/redis-store.ts';
import type { Store } from '../records/store.ts';
import { brake } from './brake.ts';
import { prefix } from './names.ts';
import { type Outage, createOutage } from './outage.ts';

export type WorkSettings = Omit<WorkerOptions, 'connection' | 'prefix'>;

export type Whereabouts = 'there' | 'over' | 'absent';

export interface Storage {
  readonly kind: 'redis' | 'embedded';
  readonly store: Store;
  /** The queue of this name. It is made once. */
  queue(name: string): Queue;
  /** What the queue knows of these jobs, in the order given; one round trip. `over`: the queue's job has ended. */
  whereabouts(queue: string, ids: readonly string[]): Promise<Whereabouts[]>;
  /** Makes a worker. The caller closes it. */
  worker(name: string, processor: Processor, settings: WorkSettings): Worker;
  /** All errors of the store and the queues go here, so that an outage is logged once. */
  readonly outage: Outage;
  /**
   * Writes something without meaning. Rejects with the driver's error while the store can't be reached or takes no
   * writes.
   */
  probe(): Promise<void>;
  /** Warnings for the operator about durability. */
  warnings(): Promise<string[]>;
  /** Takes at most about two seconds, also with the store gone. */
  close(): Promise<void>;
}

interface StorageSettings {
  readonly redisUrl?: string | undefined;
  readonly dataDir: string;
  /** An open database in place of the one in `dataDir`, closed with the storage; for tests. */
  readonly database?: EmbeddedDatabase;
  /** How long Redis may take to answer one command; milliseconds. Default 5,000. */
  readonly redisTimeoutMs?: number | undefined;
  readonly log: Logger;
  /** The store's clock in milliseconds; set by tests. */
  readonly now?: () => number;
}

/** Opens the storage. Rejects when Redis can't be reached, or another process uses the folder. */
export function openStorage(settings: StorageSettings): Promise<Storage> {
  return settings.redisUrl === undefined ? openEmbedded(settings) : openRedis(settings.redisUrl, settings);
}

async function openRedis(url: string, { log, now, redisTimeoutMs = 5_000 }: StorageSettings): Promise<Storage> {
  const redis = failFastConnection(url, redisTimeoutMs);
  const write = () => redis.set(`${prefix}:probe`, '');
  const outage = createOutage({ what: 'Redis', log, probe: write });
  const onError = (error: Error) => outage.met(error);
  redis.on('error', onError);
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw new Error(`Redis can't be reached: ${(error as Error).message.replace(/\.$/, '')}. Check REDIS_URL.`, {
      cause: error,
    });
  }
  let ofWorkers: Redis | undefined;
  const connectWorkers = () => {
    const connection = patientConnection(redis, redisTimeoutMs);
    connection.on('error', onError);
    return connection;
  };
  const store = openRedisStore({ redis, prefix, ...(now === undefined ? {} : { now }) });
  const queues = new Map<string, Queue>();
  return {
    kind: 'redis',
    store,
    queue: (name) =>
      keep(queues, name, () => new Queue(name, { connection: redis, prefix, skipVersionCheck: true }), onError),
    async whereabouts(queue, ids) {
      const pipeline = redis.pipeline();
      for (const id of ids) pipeline.hmget(`${prefix}:${queue}:${id}`, 'timestamp', 'finishedOn');
      const answers = (await pipeline.exec()) ?? [];
      return answers.map(([error, fields]) => {
        if (error) throw error;
        const [timestamp, finishedOn] = fields as (string | null)[];
        return timestamp === null ? 'absent' : finishedOn === null ? 'there' : 'over';
      });
    },
    worker(name, processor, workSettings) {
      const connection = (ofWorkers ??= connectWorkers());
      return brake(new Worker(name, processor, { connection, prefix, skipVersionCheck: true, ...workSettings }));
    },
    outage,
    probe: () => told(write, outage),
    warnings: () => durabilityOf(redis),
    async close() {
      outage.close();
      await closeAll(queues);
      ofWorkers?.disconnect();
      await store.close();
    },
  };
}

async function openEmbedded({ dataDir, now, log, ...given }: StorageSettings): Promise<Storage> {
  // Loaded only here: who keeps everything in Redis has no use for a database.
  const [{ openEmbeddedDatabase }, { openEmbeddedStore }, { createEmbeddedPool }, { preparedDatabase }] =
    await Promise.all([
      import('../records/embedded-database.ts'),
      import('../records/embedded-store.ts'),
      import('./embedded-pool.ts'),
      import('./prepared-database.ts'),
    ]);
  const database = given.database ?? (await openEmbeddedDatabase({ folder: dataDir, prepared: preparedDatabase }));
  const pool = await createEmbeddedPool(database);
  const store = await openEmbeddedStore({ database, ...(now === undefined ? {} : { now }) });
  const embedded = withBackend(createPostgresBackend);
  const queues = new Map<string, Queue>();
  // A transaction that gets an id is written to the log on disk, and nowhere else.
  const write = () => database.query('SELECT pg_current_xact_id()');
  const outage = createOutage({ what: 'The embedded store', log, probe: write });
  const onError = (error: Error) => outage.met(error);
  return {
    kind: 'embedded',
    store,
    queue: (name) =>
      keep(queues, name, () => new embedded.Queue(name, { connection: pool }) as unknown as Queue, onError),
    async whereabouts(queue, ids) {
      const { rows } = await database.query<{ id: string; over: boolean }>(
        'SELECT id, finished_at_ms IS NOT NULL AS over FROM bullmq.job WHERE queue = $1 AND id = ANY($2)',
        [queue, ids],
      );
      const known = new Map(rows.map(({ id, over }) => [id, over]));
      return ids.map((id) => (known.has(id) ? (known.get(id) ? 'over' : 'there') : 'absent'));
    },
    worker: (name, processor, workSettings) =>
      brake(
        new embedded.Worker(
          name,
          processor as never,
          { connection: pool, ...workSettings } as never,
        ) as unknown as Worker,
      ),
    outage,
    probe: () => told(write, outage),
    warnings: () => Promise.resolve(folderWarnings(dataDir)),
    async close() {
      outage.close();
      await closeAll(queues);
      await pool.close();
      await store.close();
      await database.close();
    },
  };
}

async function told(write: () => Promise<unknown>, outage: Outage): Promise<void> {
  try {
    await write();
  } catch (error) {
    outage.met(error as Error);
    throw error;
  }
}

function folderWarnings(folder: string): string[] {
  const rights = folder.startsWith('memory:') ? undefined : rightsOfOthers(folder);
  if (rights === undefined) return [];
  return [
    `Other users of this machine may ${rights} the data folder ${folder}, which isn’t this user’s. Run: chmod 700 ${folder}`,
  ];
}

function keep(queues: Map<string, Queue>, name: string, make: () => Queue, onError: (error: Error) => void): Queue {
  let queue = queues.get(name);
  if (queue === undefined) {
    queue = make();
    queue.on('error', onError);
    queues.set(name, queue);
  }
  return queue;
}

/** Never waits longer than a second: with the store gone, a close may never answer. */
async function closeAll(queues: ReadonlyMap<string, Queue>): Promise<void> {
  const closed = Promise.allSettled([...queues.values()].map((queue) => queue.close()));
  await Promise.race([closed, pause(1_000, undefined, { ref: false })]);
}

async function durabilityOf(redis: Redis): Promise<string[]> {
  const ask = async (name: string) => ((await redis.config('GET', name)) as string[])[1];
  try {
    const [policy, aof, fsync] = await Promise.all(['maxmemory-policy', 'appendonly', 'appendfsync'].map(ask));
    const warnings: string[] = [];
    if (policy !== 'noeviction')
      warnings.push(`Redis may evict jobs: maxmemory-policy is ${policy}, and must be noeviction.`);
    if (aof !== 'yes') warnings.push('Redis forgets jobs when it restarts: appendonly is off. Turn it on.');
    else if (fsync !== 'always') {
      warnings.push(
        `Redis may lose its last second on power loss or failover (appendfsync ${fsync}); for fast-reset, appendfsync always is safer.`,
      );
    }
    return warnings;
  } catch {
    return [
      'Redis does not let its settings be read; make sure that maxmemory-policy is noeviction and appendonly is yes.',
    ];
  }
}
