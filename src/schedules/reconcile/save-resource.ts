// Saves a resource's record when it changed, together with the ledger spans that ended. It never overwrites what
// another process wrote.
import { isDeepStrictEqual } from 'node:util';
import type { Change, Store, Stored } from '../../records/store.ts';
import type { ResourceCache } from '../resource-cache.ts';
import {
  type ManagedResource,
  type StoredManagedResource,
  managedResourceIndexes,
  managedResourceKey,
} from '../managed-resource.ts';

/** The record that the next commit replaces, and the ledger changes to commit with it. */
export interface PendingWrite {
  readonly stored: StoredManagedResource | undefined;
  readonly spans: readonly Change[];
}

/**
 * Saves the resource if it changed. Returns what is stored now, or `undefined` when another process wrote it meanwhile;
 * the cache is then read again in the next tick.
 */
export async function saveIfChanged(
  store: Store,
  cache: ResourceCache,
  { stored, spans }: PendingWrite,
  value: ManagedResource,
): Promise<StoredManagedResource | undefined> {
  if (stored && spans.length === 0 && isDeepStrictEqual(stored.value, value)) return stored;
  const indexes = managedResourceIndexes(value);
  const key = managedResourceKey(value.resource);
  const own: Change = stored
    ? { op: 'replace', was: stored as Stored, value, indexes }
    : { op: 'create', key, value, indexes };
  const committed = await store.commit([own, ...spans]);
  if (!committed.ok) {
    cache.isStale = true;
    return undefined;
  }
  const written = committed.written[0] as StoredManagedResource;
  cache.managedResources.set(value.resource, written);
  return written;
}

/** Deletes the record and writes the spans that ended with it. */
export async function deleteManagedResource(
  store: Store,
  cache: ResourceCache,
  stored: StoredManagedResource,
  spans: readonly Change[] = [],
): Promise<void> {
  const { ok } = await store.commit([{ op: 'delete', was: stored }, ...spans]);
  if (ok) cache.managedResources.delete(stored.value.resource);
  else cache.isStale = true;
}
