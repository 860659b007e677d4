// What is remembered of all resources of one kind in one target, and when they were last seen. Read once and kept: a look
// by somebody else is noticed by its record, and what both would write is written by one.
import type { Sighting } from '../aws/estate.ts';
import type { Store, Stored } from '../records/store.ts';
import { spanChange, spansOf } from './ledger.ts';
import type { SleeperKind } from './schedule.ts';
import { type Sleeper, type StoredSleeper, sleepersIndex } from './sleeper.ts';
import type { SchedulesWorld } from './world.ts';

/** The last whole look at a kind in a target; `trouble`: why there is none since. Times are the store's, in milliseconds. */
export interface Sight {
  readonly target: string;
  readonly kind: SleeperKind;
  readonly at: number;
  /** A digest of what the file meant then, to tell a resource that is new from one that is newly meant. */
  readonly meaning?: string;
  readonly trouble?: { readonly since: number; readonly what: string };
}

export interface Shelf {
  readonly target: string;
  readonly kind: SleeperKind;
  sight: Stored<Sight> | undefined;
  sleepers: Map<string, StoredSleeper>;
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

export const sightsIndex = 'sights';

export function sightKey(target: string, kind: SleeperKind): string {
  return `sight/${target}/${kind}`;
}

/** As it is in the store: kept from the last tick, unless somebody else has looked since. */
export async function openShelf(
  { store, tickMs }: Pick<SchedulesWorld, 'store' | 'tickMs'>,
  shelves: Map<string, Shelf>,
  { target, kind, meaning }: Pick<Sight, 'target' | 'kind'> & { readonly meaning: string },
): Promise<Shelf> {
  const key = sightKey(target, kind);
  const { at, records } = await store.read([key]);
  const sight = records[0] as Stored<Sight> | undefined;
  const known = shelves.get(key);
  const isFresh = known !== undefined && !known.isStale && known.sight?.version === sight?.version;
  const lastLook = sight?.value.at || undefined;
  const shelf: Shelf = {
    target,
    kind,
    sight,
    sleepers: isFresh ? known.sleepers : await readSleepers(store, target, kind),
    newTags: new Map(),
    unreadTags: known?.unreadTags ?? new Map<string, number>(),
    at,
    lastLook,
    gap: lastLook !== undefined && at - lastLook > Math.max(shortestGap, 5 * tickMs),
    isRemeant: sight?.value.meaning !== meaning,
    isStale: false,
  };
  shelves.set(key, shelf);
  return shelf;
}

async function readSleepers(store: Store, target: string, kind: SleeperKind): Promise<Map<string, StoredSleeper>> {
  const sleepers = new Map<string, StoredSleeper>();
  for await (const stored of allSleepers(store)) {
    if (stored.value.target === target && stored.value.kind === kind) sleepers.set(stored.value.resource, stored);
  }
  return sleepers;
}

export async function* allSleepers(store: Store): AsyncGenerator<StoredSleeper, void> {
  let after: string | undefined;
  do {
    const from = after === undefined ? {} : { after };
    const page = await store.page<Sleeper>(sleepersIndex, { order: 'oldest', limit: 1_000, ...from });
    yield* page.records;
    after = page.next;
  } while (after !== undefined);
}

/** The look counts from now on: last of all, so that one that was cut short is done again as if it had never been. */
export async function recordLook(store: Store, shelf: Shelf, meaning: string): Promise<void> {
  const { target, kind, sight: was, at } = shelf;
  const value: Sight = { target, kind, at, meaning };
  const indexes = { [sightsIndex]: 0 };
  const key = sightKey(target, kind);
  const change = was
    ? ({ op: 'replace', was, value, indexes } as const)
    : ({ op: 'create', key, value, indexes } as const);
  const committed = await store.commit([change]);
  // Refused, another process looked at the same moment.
  if (committed.ok) shelf.sight = committed.written[0] as Stored<Sight>;
  else shelf.isStale = true;
}

/** Forgets all of a kind that no schedule means any more; what was seen until the last look stays in the ledger. */
export async function dropShelf(store: Store, shelves: Map<string, Shelf>, sight: Stored<Sight>): Promise<void> {
  const { target, kind, at } = sight.value;
  for (const was of (await readSleepers(store, target, kind)).values()) {
    await store.commit([{ op: 'delete', was }, ...spansOf(was.value, at).map(spanChange)]);
  }
  await store.commit([{ op: 'delete', was: sight }]);
  shelves.delete(sightKey(target, kind));
}

/** Remembers that AWS did not let itself be looked at, once for each stretch of it. */
export async function reportBlind(store: Store, target: string, kind: SleeperKind, error: Error): Promise<void> {
  const key = sightKey(target, kind);
  const { at, records } = await store.read([key]);
  const was = records[0] as Stored<Sight> | undefined;
  if (was?.value.trouble?.what === error.name) return;
  const trouble = { since: was?.value.trouble?.since ?? at, what: error.name };
  const value: Sight = { target, kind, at: 0, ...was?.value, trouble };
  const indexes = { [sightsIndex]: 0 };
  await store.commit([was ? { op: 'replace', was, value, indexes } : { op: 'create', key, value, indexes }]);
}

export async function readSights(store: Store): Promise<readonly Sight[]> {
  const { records } = await store.page<Sight>(sightsIndex, { order: 'oldest', limit: 1_000 });
  return records.map(({ value }) => value);
}

/** The sighting's resource, if it is remembered. */
export function sleeperOf(shelf: Shelf, { kind, id }: Pick<Sighting, 'kind' | 'id'>): StoredSleeper | undefined {
  return shelf.sleepers.get(`${shelf.target}/${kind}/${id}`);
}
