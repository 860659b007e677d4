// A part of a store that looks like one of its own, and a store that fails at one of its calls.
import type { Change, Indexes, Store, Stored } from '../../src/records/store.ts';

/** The documents and indexes whose names begin with a prefix, under the rest of their names. */
export function cornerOf(store: Store, prefix: string): Store {
  const within = (indexes: Indexes = {}): Indexes =>
    Object.fromEntries(Object.entries(indexes).map(([name, at]) => [prefix + name, at]));
  const without = (indexes: Indexes): Indexes =>
    Object.fromEntries(Object.entries(indexes).map(([name, at]) => [name.slice(prefix.length), at]));
  const into = (was: Stored): Stored => ({ ...was, key: prefix + was.key, indexes: within(was.indexes) });
  const out = <Value>(stored: Stored<Value>): Stored<Value> => ({
    ...stored,
    key: stored.key.slice(prefix.length),
    indexes: without(stored.indexes),
  });
  const changed = (change: Change): Change => ({
    ...change,
    ...('was' in change ? { was: into(change.was) } : {}),
    ...('key' in change ? { key: prefix + change.key } : {}),
    ...('index' in change ? { index: prefix + change.index } : {}),
    ...('indexes' in change ? { indexes: within(change.indexes) } : {}),
  });
  return {
    async read(keys) {
      const { at, records } = await store.read(keys.map((key) => prefix + key));
      return { at, records: records.map((record) => record && out(record)) };
    },
    async commit(changes) {
      const committed = await store.commit(changes.map(changed));
      return committed.ok ? { ok: true, written: committed.written.map((one) => one && out(one)) } : committed;
    },
    async page<Value>(index: string, request: Parameters<Store['page']>[1]) {
      const page = await store.page<Value>(prefix + index, request);
      return { ...page, records: page.records.map(out) };
    },
    count: (index) => store.count(prefix + index),
    knownTime: () => store.knownTime(),
    prune: (index, entries) => store.prune(prefix + index, entries),
    close: () => Promise.resolve(),
  };
}

/** Fails once, at a call counted from 1; a commit that fails `after` has happened all the same. */
export function failingAt(
  store: Store,
  fatal: number,
  when: 'before' | 'after',
): Store & { readonly hasFailed: boolean } {
  let calls = 0;
  let hasFailed = false;
  const around = async <Answer>(deed: () => Promise<Answer>): Promise<Answer> => {
    calls += 1;
    if (calls !== fatal) return deed();
    hasFailed = true;
    if (when === 'after') await deed();
    throw new Error('the store can’t be reached');
  };
  return {
    read: (keys) => around(() => store.read(keys)),
    knownTime: () => store.knownTime(),
    commit: (changes) => around(() => store.commit(changes)),
    page: (index, request) => around(() => store.page<never>(index, request)),
    count: (index) => store.count(index),
    prune: (index, entries) => store.prune(index, entries),
    close: () => store.close(),
    get hasFailed() {
      return hasFailed;
    },
  };
}
