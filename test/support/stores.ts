// The kinds of store there are, for `describe.each(storeKinds())`. Without queues, whose tables take BullMQ a second to make:
// those are in storages.ts.

import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { openEmbeddedStore } from '../../src/records/embedded-store.ts';
import { openRedisStore } from '../../src/records/redis-store.ts';
import type { Store } from '../../src/records/store.ts';
import { lendDatabase } from './lent-database.ts';
import { hasRedisServer, startRedisServer } from './redis-server.ts';

export interface OpenStore {
  readonly store: Store;
  /** Closes all of it. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** The store's clock, turned by the test. */
  readonly now?: () => number;
}

export interface StoreKind {
  readonly name: 'redis' | 'embedded' | 'memory';
  open(options?: OpenOptions): Promise<OpenStore>;
}

/** Redis where a server can be started or `REDIS_URL` names one, and always the embedded database, in memory. */
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
