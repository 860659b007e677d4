// Opens queues and records together, as the service does, on each kind of store. For `describe.each(storageKinds())`.
import { createLog } from '../../src/log.ts';
import { type Storage, openStorage } from '../../src/queue/storage.ts';
import { lendDatabase } from './lent-database.ts';
import { patience } from './patience.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from './redis-server.ts';

export interface OpenStorage {
  readonly storage: Storage;
  /** Another connection to the same storage; embedded there is only one. It closes with the first. */
  another(): Promise<Storage>;
  /** The server behind it, to kill or freeze; absent for the embedded one. */
  readonly server: RedisServer | undefined;
  /** Closes everything. Close workers first. */
  close(): Promise<void>;
}

export interface StorageKind {
  readonly name: 'redis' | 'embedded';
  /** `now`: the store's clock in milliseconds, set by the test. `redisTimeoutMs`: for a server that will be frozen. */
  open(now?: () => number, redisTimeoutMs?: number): Promise<OpenStorage>;
}

export const silent = createLog('silent');

/** Redis if a server can be started, and always the embedded database in memory. */
export function storageKinds(): StorageKind[] {
  const embedded: StorageKind = { name: 'embedded', open: openEmbedded };
  return hasRedisServer() ? [{ name: 'redis', open: openOnRedis }, embedded] : [embedded];
}

async function openOnRedis(now?: () => number, redisTimeoutMs = patience): Promise<OpenStorage> {
  const server = await startRedisServer();
  const opened: Storage[] = [];
  const another = async (): Promise<Storage> => {
    const clock = now === undefined ? {} : { now };
    const storage = await openStorage({
      redisUrl: server.url,
      redisTimeoutMs,
      dataDir: '',
      log: silent,
      ...clock,
    });
    opened.push(storage);
    return storage;
  };
  return {
    storage: await another(),
    another,
    server,
    async close() {
      await Promise.all(opened.map((storage) => storage.close()));
      await server.stop();
    },
  };
}

async function openEmbedded(now?: () => number): Promise<OpenStorage> {
  const storage = await openStorage({
    dataDir: '',
    database: await lendDatabase(),
    log: silent,
    ...(now === undefined ? {} : { now }),
  });
  return { storage, another: async () => storage, server: undefined, close: () => storage.close() };
}
