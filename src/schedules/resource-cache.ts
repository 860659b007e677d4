// What is remembered of all resources of one kind in one target, and when they were last seen. Read once and kept: a look
// by somebody else is noticed by its record, and what both would write is written by one.
import type { ObservedResource } from '../aws/inventory.ts';
import type { Store, Stored } from '../records/store.ts';
import { indexRecords } from '../records/walk-index.ts';
import { spanChange, spansOf } from './ledger.ts';
import type { ResourceKind } from './schedule.ts';
import { type ManagedResource, type StoredManagedResource, managedResourcesIndex } from './managed-resource.ts';
import type { ScheduleDependencies } from './dependencies.ts';

/** The last whole look at a kind in a target; `trouble`: why there is none since. Times are the store's, in milliseconds. */
export interface LookRecord {
  readonly target: string;
  readonly kind: ResourceKind;
  readonly at: number;
  /** A digest of what the file meant then, to tell a resource that is new from one that is newly meant. */
  readonly meaning?: string;
  readonly trouble?: { readonly since: number; readonly what: string };
}

export interface ResourceCache {
  readonly target: string;
  readonly kind: ResourceKind;
  lookRecord: Stored<LookRecord> | undefined;
  managedResources: Map<string, StoredManagedResource>;
  /** Tags read in this tick, by the resource's id. */
  newTags: Map<string, Readonly<Record<string, string>>>;
  /** When tags could not be read, by the resource's id, so that others have their turn first. */
  readonly unreadTags: Map<string, number>;
  /** The time of this look, and of the one before. */
  at: number;
  lastLook: number | undefined;
  /** Nobody looked for longer than a few ticks. */
  gap: boolean;
  /** The file means other resources than at the look before. */
  isRemeant: boolean;
  isStale: boolean;
}

/** A look this much later than its tick leaves a gap in the ledger, in milliseconds; or five ticks later, if that is more. */
const shortestGap = 5 * 60_000;

const lookRecordsIndex = 'sights';

export function lookRecordKey(target: string, kind: ResourceKind): string {
  return `sight/${target}/${kind}`;
}

/** As it is in the store: kept from the last tick, unless somebody else has looked since. */
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

/** The look counts from now on: last of all, so that one that was cut short is done again as if it had never been. */
export async function recordLook(store: Store, cache: ResourceCache, meaning: string): Promise<void> {
  const { target, kind, lookRecord: was, at } = cache;
  const value: LookRecord = { target, kind, at, meaning };
  const indexes = { [lookRecordsIndex]: 0 };
  const key = lookRecordKey(target, kind);
  const change = was
    ? ({ op: 'replace', was, value, indexes } as const)
    : ({ op: 'create', key, value, indexes } as const);
  const committed = await store.commit([change]);
  // Refused, another process looked at the same moment.
  if (committed.ok) cache.lookRecord = committed.written[0] as Stored<LookRecord>;
  else cache.isStale = true;
}

/** Forgets all of a kind that no schedule means any more; what was seen until the last look stays in the ledger. */
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

/** Remembers that AWS did not let itself be looked at, once for each stretch of it. */
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

/** The sighting's resource, if it is remembered. */
export function managedResourceOf(
  cache: ResourceCache,
  { kind, id }: Pick<ObservedResource, 'kind' | 'id'>,
): StoredManagedResource | undefined {
  return cache.managedResources.get(`${cache.target}/${kind}/${id}`);
}
