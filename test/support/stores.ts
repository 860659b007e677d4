// The kinds of store there are, each with what BullMQ needs to run in the same place. For `describe.each(storeKinds())`.

import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { createEmbeddedPool, type EmbeddedPool } from '../../src/queue/embedded-pool.ts';
import { openEmbeddedDatabase } from '../../src/records/embedded-database.ts';
import { openEmbeddedStore } from '../../src/records/embedded-store.ts';
import { openRedisStore } from '../../src/records/redis-store.ts';
import type { Store } from '../../src/records/store.ts';
import { hasRedisServer, startRedisServer } from './redis-server.ts';

/** Where BullMQ's queues live: what to connect to, and the prefix to give. */
export type BullmqPlace =
  | { readonly kind: 'redis'; readonly url: string; readonly prefix: string }
  | { readonly kind: 'embedded'; readonly pool: EmbeddedPool };

export interface OpenStore {
  readonly store: Store;
  readonly bullmq: BullmqPlace;
  /** Closes all of it; close queues and workers first. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** The store's clock, turned by the test. */
  readonly now?: () => number;
}

export interface StoreKind {
  readonly name: 'redis' | 'embedded';
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
  return { store, bullmq: { kind: 'redis', url, prefix }, close };
}

async function openEmbedded(options: OpenOptions = {}): Promise<OpenStore> {
  const database = await openEmbeddedDatabase({ folder: 'memory://' });
  const store = await openEmbeddedStore({ database, ...options });
  const pool = await createEmbeddedPool(database);
  const close = async (): Promise<void> => {
    await store.close();
    await pool.close();
    await database.close();
  };
  return { store, bullmq: { kind: 'embedded', pool }, close };
}
