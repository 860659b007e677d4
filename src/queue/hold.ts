// Holds: while one is on, for one target or for all, no changing call starts. Polls go on.
import { indexOf, keyOf } from '../records/job.ts';
import type { Store, Stored } from '../records/store.ts';

/** `target` is a target's name or `all`. `since` is the store's time in milliseconds. */
export interface Hold {
  readonly target: string;
  readonly since: number;
  readonly by: string;
  readonly reason: string;
}

/** The holds that are on, oldest first. */
export async function holds(store: Store): Promise<Hold[]> {
  const { records } = await store.page<Hold>(indexOf.holds, { order: 'oldest', limit: 1_000 });
  return records.map(({ value }) => value);
}

/** Puts a hold on a target, in place of an earlier one. */
export async function holdOn(store: Store, { target, by, reason }: Omit<Hold, 'since'>): Promise<Hold> {
  const key = keyOf.hold(target);
  for (;;) {
    const { at, records } = await store.read([key]);
    const value: Hold = { target, since: at, by, reason };
    const indexes = { [indexOf.holds]: at };
    const [was] = records;
    if ((await store.commit([was ? { op: 'replace', was, value, indexes } : { op: 'create', key, value, indexes }])).ok)
      return value;
  }
}

/** Takes a hold off. Returns whether there was one. */
export async function holdOff(store: Store, target: string): Promise<boolean> {
  for (;;) {
    const [was] = (await store.read([keyOf.hold(target)])).records;
    if (was === undefined) return false;
    if ((await store.commit([{ op: 'delete', was: was as Stored }])).ok) return true;
  }
}
