// A document that is written or taken away whatever was there before: who comes last wins.
import type { Change, Store } from './store.ts';

/** Writes what `make` answers for the store's time, in milliseconds, under `key`, and into one index at that time. */
export async function putDocument<Value>(
  store: Store,
  key: string,
  index: string,
  make: (at: number) => Value,
): Promise<Value> {
  for (;;) {
    const { at, records } = await store.read([key]);
    const value = make(at);
    const indexes = { [index]: at };
    const [was] = records;
    const change: Change = was ? { op: 'replace', was, value, indexes } : { op: 'create', key, value, indexes };
    if ((await store.commit([change])).ok) return value;
  }
}

/** Says whether there was one. */
export async function dropDocument(store: Store, key: string): Promise<boolean> {
  for (;;) {
    const [was] = (await store.read([key])).records;
    if (was === undefined) return false;
    if ((await store.commit([{ op: 'delete', was }])).ok) return true;
  }
}
