// Opens each kind of store without queues, for `describe.each(storeKinds())`. BullMQ takes a second to make the queues'
// tables; storages.ts has those.

import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { openEmbeddedStore } from '../../src/records/embedded-store.ts';
import { openRedisStore } from '../../src/records/redis-store.ts';
import type { Store } from '../../src/records/store.ts';
import { lendDatabase } from './lent-database.ts';
import { hasRedisServer, startRedisServer } from './redis-server.ts';

export interface OpenStore {
  readonly store: Store;
  /** Closes everything. */
  close(): Promise<void>;
}

interface OpenOptions {
  /** The store's clock, set by the test. */
  readonly now?: () => number;
}

export interface StoreKind {
  readonly name: 'redis' | 'embedded' | 'memory';
  open(options?: OpenOptions): Promise<OpenStore>;
}

/** Redis if a server can be started or `REDIS_URL` names one, and always the embedded database in memory. */
export function storeKinds(): StoreKind[] {
  const embedded: StoreKind = { name: 'embedded', open: openEmbedded };
  const { REDIS_URL } = process.env;
  return hasRedisServer() || REDIS_URL ? [{ name: 'redis', open: openRedis }, embedded] : [embedded];
}

async function openRedis(options: OpenOptions = {}): Promise<OpenStore> {
  const server = hasRedisServer() ? await startRedisServer() : undefined;
  const url = server?.url ?? process.env['REDIS_URL'] ?? '';
  const prefix = server ? '{neptune-ops}' : `{neptune-ops-${randomUUID()}}`;
  const store = openRedisStore({ redis: new Redis(url), prefix, ...options });
  const close = async (): Promise<void> => {
    await store.close();
    await server?.stop();
  };
  return { store, close };
}

async function openEmbedded(options: OpenOptions = {}): Promise<OpenStore> {
  const database = await lendDatabase();
  const store = await openEmbeddedStore({ database, ...options });
  const close = async (): Promise<void> => {
    await store.close();
    await database.close();
  };
  return { store, close };
}
