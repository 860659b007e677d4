// How what is remembered of a resource is written: on change only, with what comes to its end by it, and never over what
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

/** What a resource's next commit goes by: what was written last, and what must be written with it. */
export interface PendingWrite {
  readonly stored: StoredManagedResource | undefined;
  readonly spans: readonly Change[];
}

/** Commits what changed; answers what is stored now. Refused, somebody else has written it: the whole shelf is read anew next time. */
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

/** What ended with it goes into the ledger. */
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
