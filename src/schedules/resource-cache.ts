// Caches the records of all resources of one kind in one target, and when they were last listed. The cache is read
// again when another process has listed them since. If two processes write the same record, one of them succeeds.
import type { ObservedResource } from '../aws/inventory.ts';
import type { Store, Stored } from '../records/store.ts';
import { indexRecords } from '../records/walk-index.ts';
import { spanChange, spansOf } from './ledger.ts';
import type { ResourceKind } from './schedule.ts';
import { type ManagedResource, type StoredManagedResource, managedResourcesIndex } from './managed-resource.ts';
import type { ScheduleDependencies } from './dependencies.ts';

/**
 * The last complete look at a kind in a target. `trouble`: why no later look succeeded. Times are the store's, in
 * milliseconds.
 */
export interface LookRecord {
  readonly target: string;
  readonly kind: ResourceKind;
  readonly at: number;
  /** A digest of the file's selections then, to tell a new resource from one that is newly selected. */
  readonly meaning?: string;
  readonly trouble?: { readonly since: number; readonly what: string };
}

export interface ResourceCache {
  readonly target: string;
  readonly kind: ResourceKind;
  lookRecord: Stored<LookRecord> | undefined;
  managedResources: Map<string, StoredManagedResource>;
  /** The tags read in this tick, by the resource's id. */
  newTags: Map<string, Readonly<Record<string, string>>>;
  /** When reading tags failed, by the resource's id, so that others are read first. */
  readonly unreadTags: Map<string, number>;
  /** The time of this look and of the one before; milliseconds. */
  at: number;
  lastLook: number | undefined;
  /** Nobody looked for longer than a few ticks. */
  gap: boolean;
  /** The file selects other resources than at the look before. */
  isRemeant: boolean;
  isStale: boolean;
}

/** A look that is this much late leaves a gap in the ledger; milliseconds. Five ticks, if that is more. */
const shortestGap = 5 * 60_000;

const lookRecordsIndex = 'sights';

export function lookRecordKey(target: string, kind: ResourceKind): string {
  return `sight/${target}/${kind}`;
}

/** The cache from the last tick, or a new one when another process has looked since. */
export async function openResourceCache(
  { store, tickMs }: Pick<ScheduleDependencies, 'store' | 'tickMs'>,
  caches: Map<string, ResourceCache>,
  { target, kind, meaning }: Pick<LookRecord, 'target' | 'kind'> & { readonly meaning: string },
): Promise<ResourceCache> {
  const key = lookRecordKey(target, kind);
  const { at, records } = await store.read([key]);
  const lookRecord = records[0] as Stored<LookRecord> | undefined;
  const known = caches.get(key);
  const isFresh = known !== undefined && !known.isStale && known.lookRecord?.version === lookRecord?.version;
  const lastLook = lookRecord?.value.at || undefined;
  const cache: ResourceCache = {
    target,
    kind,
    lookRecord,
    managedResources: isFresh ? known.managedResources : await readManagedResources(store, target, kind),
    newTags: new Map(),
    unreadTags: known?.unreadTags ?? new Map<string, number>(),
    at,
    lastLook,
    gap: lastLook !== undefined && at - lastLook > Math.max(shortestGap, 5 * tickMs),
    isRemeant: lookRecord?.value.meaning !== meaning,
    isStale: false,
  };
  caches.set(key, cache);
  return cache;
}

async function readManagedResources(
  store: Store,
  target: string,
  kind: ResourceKind,
): Promise<Map<string, StoredManagedResource>> {
  const managedResources = new Map<string, StoredManagedResource>();
  for await (const stored of allManagedResources(store)) {
    if (stored.value.target === target && stored.value.kind === kind)
      managedResources.set(stored.value.resource, stored);
  }
  return managedResources;
}

export function allManagedResources(store: Store): AsyncGenerator<StoredManagedResource, void> {
  return indexRecords<ManagedResource>(store, managedResourcesIndex);
}

/** Records that the look is complete. It is the last step of a tick, so that a look that was cut short is repeated. */
export async function recordLook(store: Store, cache: ResourceCache, meaning: string): Promise<void> {
  const { target, kind, lookRecord: was, at } = cache;
  const value: LookRecord = { target, kind, at, meaning };
  const indexes = { [lookRecordsIndex]: 0 };
  const key = lookRecordKey(target, kind);
  const change = was
    ? ({ op: 'replace', was, value, indexes } as const)
    : ({ op: 'create', key, value, indexes } as const);
  const committed = await store.commit([change]);
  // Refused because another process looked at the same moment.
  if (committed.ok) cache.lookRecord = committed.written[0] as Stored<LookRecord>;
  else cache.isStale = true;
}

/**
 * Deletes the records of a kind that no schedule selects any more. The ledger keeps what was seen until the last look.
 */
export async function dropResourceCache(
  store: Store,
  caches: Map<string, ResourceCache>,
  lookRecord: Stored<LookRecord>,
): Promise<void> {
  const { target, kind, at } = lookRecord.value;
  for (const was of (await readManagedResources(store, target, kind)).values()) {
    await store.commit([{ op: 'delete', was }, ...spansOf(was.value, at).map(spanChange)]);
  }
  await store.commit([{ op: 'delete', was: lookRecord }]);
  caches.delete(lookRecordKey(target, kind));
}

/** Records that AWS couldn't be listed, once for each stretch of failures of one kind. */
export async function recordLookFailure(store: Store, target: string, kind: ResourceKind, error: Error): Promise<void> {
  const key = lookRecordKey(target, kind);
  const { at, records } = await store.read([key]);
  const was = records[0] as Stored<LookRecord> | undefined;
  if (was?.value.trouble?.what === error.name) return;
  const trouble = { since: was?.value.trouble?.since ?? at, what: error.name };
  const value: LookRecord = { target, kind, at: 0, ...was?.value, trouble };
  const indexes = { [lookRecordsIndex]: 0 };
  await store.commit([was ? { op: 'replace', was, value, indexes } : { op: 'create', key, value, indexes }]);
}

export async function readLookRecords(store: Store): Promise<readonly LookRecord[]> {
  const found: LookRecord[] = [];
  for await (const { value } of indexRecords<LookRecord>(store, lookRecordsIndex)) found.push(value);
  return found;
}

/** The record of a listed resource, if there is one. */
export function managedResourceOf(
  cache: ResourceCache,
  { kind, id }: Pick<ObservedResource, 'kind' | 'id'>,
): StoredManagedResource | undefined {
  return cache.managedResources.get(`${cache.target}/${kind}/${id}`);
}
