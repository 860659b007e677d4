// A store in memory, for simulations with a million reads. It is tested against the model like the service's own
// stores. Unlike them it doesn't refuse invalid values, and has no stale entries.
import { randomUUID } from 'node:crypto';
import {
  type Change,
  type Committed,
  type Page,
  type PageRequest,
  type Store,
  type Stored,
  cursorOf,
} from '../../src/records/store.ts';
import type { StoreKind } from './stores.ts';

/** For `describe.each`, beside the service's stores. */
export const inMemory: StoreKind = {
  name: 'memory',
  open: async ({ now = Date.now } = {}) => ({ store: createMemoryStore(now), close: async () => undefined }),
};

export function createMemoryStore(now: () => number): Store {
  const documents = new Map<string, Stored>();
  /** The entries in order. */
  const indexes = new Map<string, string[]>();
  const keyOf = (entry: string) => entry.slice(13);

  const holds = (change: Change): boolean => {
    if (change.op === 'empty') return (indexes.get(change.index)?.length ?? 0) === 0;
    if ('was' in change) return documents.get(change.was.key)?.version === change.was.version;
    return !documents.has(change.key);
  };

  const drop = (stored: Stored) => {
    for (const [index, at] of Object.entries(stored.indexes)) {
      const entries = indexes.get(index) ?? [];
      const place = placeOf(entries, cursorOf(at, stored.key));
      if (entries[place] === cursorOf(at, stored.key)) entries.splice(place, 1);
    }
    documents.delete(stored.key);
  };

  const put = (stored: Stored) => {
    for (const [index, at] of Object.entries(stored.indexes)) {
      let entries = indexes.get(index);
      if (entries === undefined) indexes.set(index, (entries = []));
      const entry = cursorOf(at, stored.key);
      entries.splice(placeOf(entries, entry), 0, entry);
    }
    documents.set(stored.key, stored);
  };

  const commit = (changes: readonly Change[]): Committed => {
    const refused = changes.findIndex((change) => !holds(change));
    if (refused !== -1) return { ok: false, refused };
    const written = changes.map((change) => {
      if (change.op === 'delete') drop(change.was);
      if (change.op !== 'create' && change.op !== 'replace') return undefined;
      if (change.op === 'replace') drop(documents.get(change.was.key) ?? change.was);
      const key = change.op === 'create' ? change.key : change.was.key;
      const value = JSON.parse(JSON.stringify(change.value)) as unknown;
      const stored: Stored = { key, version: randomUUID(), value, indexes: change.indexes ?? {} };
      put(stored);
      return stored;
    });
    return { ok: true, written };
  };

  const page = (index: string, { order, limit, after, since = 0, until = 9_999_999_999_999 }: PageRequest): Page => {
    const entries = indexes.get(index) ?? [];
    let from = placeOf(entries, cursorOf(since, ''));
    let to = placeOf(entries, `${cursorOf(until, '')}\uffff`);
    if (after !== undefined && order === 'oldest') from = Math.max(from, placeOf(entries, `${after}\0`));
    if (after !== undefined && order === 'newest') to = Math.min(to, placeOf(entries, after));
    const hasMore = to - from > limit;
    const shown =
      order === 'oldest'
        ? entries.slice(from, Math.min(to, from + limit))
        : entries.slice(Math.max(from, to - limit), to).toReversed();
    const last = shown.at(-1);
    return {
      records: shown.flatMap((entry) => documents.get(keyOf(entry)) ?? []),
      stale: [],
      ...(hasMore && last !== undefined ? { next: last } : {}),
    };
  };

  return {
    read: async (keys) => ({ at: now(), records: keys.map((key) => documents.get(key)) }),
    knownTime: now,
    commit: async (changes) => commit(changes),
    page: async (index, request) => page(index, request) as never,
    count: async (index) => indexes.get(index)?.length ?? 0,
    prune: async () => 0,
    close: async () => undefined,
  };
}

/** The first position whose entry isn't before this one. */
function placeOf(entries: readonly string[], entry: string): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] ?? '') < entry) low = middle + 1;
    else high = middle;
  }
  return low;
}
