// How what is remembered of a resource is written: on change only, with what comes to its end by it, and never over what
// another process wrote.
import { isDeepStrictEqual } from 'node:util';
import type { Change, Store, Stored } from '../records/store.ts';
import type { Shelf } from './shelf.ts';
import { type Sleeper, type StoredSleeper, sleeperIndexes, sleeperKey } from './sleeper.ts';

/** What a resource's next commit goes by: what was written last, and what must be written with it. */
export interface Pen {
  readonly stored: StoredSleeper | undefined;
  readonly spans: readonly Change[];
}

/** Commits what changed; answers what is stored now. Refused, somebody else has written it: the whole shelf is read anew next time. */
export async function put(
  store: Store,
  shelf: Shelf,
  { stored, spans }: Pen,
  value: Sleeper,
): Promise<StoredSleeper | undefined> {
  if (stored && spans.length === 0 && isDeepStrictEqual(stored.value, value)) return stored;
  const indexes = sleeperIndexes(value);
  const key = sleeperKey(value.resource);
  const own: Change = stored
    ? { op: 'replace', was: stored as Stored, value, indexes }
    : { op: 'create', key, value, indexes };
  const committed = await store.commit([own, ...spans]);
  if (!committed.ok) {
    shelf.isStale = true;
    return undefined;
  }
  const written = committed.written[0] as StoredSleeper;
  shelf.sleepers.set(value.resource, written);
  return written;
}

/** What ended with it goes into the ledger. */
export async function forget(
  store: Store,
  shelf: Shelf,
  stored: StoredSleeper,
  spans: readonly Change[] = [],
): Promise<void> {
  const { ok } = await store.commit([{ op: 'delete', was: stored }, ...spans]);
  if (ok) shelf.sleepers.delete(stored.value.resource);
  else shelf.isStale = true;
}
