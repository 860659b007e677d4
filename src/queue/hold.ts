// Holds: while one is on, for one target or for all, no changing call starts. Polls go on.
import { indexOf, keyOf } from '../records/job.ts';
import { dropDocument, putDocument } from '../records/put-and-drop.ts';
import type { Store } from '../records/store.ts';
import { indexRecords } from '../records/walk-index.ts';

/** `target` is a target's name or `all`. `since` is the store's time in milliseconds. */
export interface Hold {
  readonly target: string;
  readonly since: number;
  readonly by: string;
  readonly reason: string;
}

/** The holds that are on, oldest first. */
export async function holds(store: Store): Promise<Hold[]> {
  const found: Hold[] = [];
  for await (const { value } of indexRecords<Hold>(store, indexOf.holds)) found.push(value);
  return found;
}

/** Puts a hold on a target, in place of an earlier one. */
export function holdOn(store: Store, { target, by, reason }: Omit<Hold, 'since'>): Promise<Hold> {
  return putDocument(store, keyOf.hold(target), indexOf.holds, (since) => ({ target, since, by, reason }));
}

/** Takes a hold off. Returns whether there was one. */
export function holdOff(store: Store, target: string): Promise<boolean> {
  return dropDocument(store, keyOf.hold(target));
}
