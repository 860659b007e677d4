// Keep-ons and pauses: how people override a schedule for a while. Each says who and why, and is in the store, so it
// holds in every process.
import { ServiceError } from '../errors.ts';
import { dropDocument, putDocument } from '../records/put-and-drop.ts';
import type { Store, Stored } from '../records/store.ts';
import { indexRecords } from '../records/walk-index.ts';

/** Keeps a resource on until `until`, whatever its schedule says. Times are the store's, in milliseconds. */
export interface KeepOn {
  readonly resource: string;
  readonly since: number;
  /** When it begins, for a keep-on that skips a later stop. Default: at once. */
  readonly from?: number;
  readonly until: number;
  readonly by: string;
  readonly reason: string;
}

/** Makes a schedule do nothing until `until`, or until it is resumed. */
export interface Pause {
  readonly schedule: string;
  readonly since: number;
  readonly until?: number;
  readonly by: string;
  readonly reason: string;
}

const keepOns = { key: (resource: string) => `keep-on/${resource}`, index: 'keep-on' };
const pauses = { key: (schedule: string) => `pause/${schedule}`, index: 'pauses' };

const longestKeepOn = 30 * 86_400_000;

/**
 * Keeps a resource on; replaces an earlier keep-on. Throws `invalid-request` when `until` is past or more than 30 days
 * away.
 */
export async function keepOn(store: Store, lease: Omit<KeepOn, 'since'>): Promise<KeepOn> {
  const { at } = await store.read([]);
  if (!(lease.until > at)) throw new ServiceError('invalid-request', 'until is past already.');
  if (lease.from !== undefined && !(lease.from < lease.until))
    throw new ServiceError('invalid-request', 'from is not before until.');
  if (lease.until > at + longestKeepOn)
    throw new ServiceError(
      'invalid-request',
      'until is more than 30 days away. For longer, change the schedules’ file.',
    );
  return putDocument(store, keepOns.key(lease.resource), keepOns.index, (since) => ({ ...lease, since }));
}

/** Ends a keep-on early. Returns whether there was one. */
export function endKeepOn(store: Store, resource: string): Promise<boolean> {
  return dropDocument(store, keepOns.key(resource));
}

/** The keep-ons in force or to come, by resource. Deletes those that have ended. */
export async function readKeepOns(store: Store): Promise<ReadonlyMap<string, KeepOn>> {
  return readAll<KeepOn>(store, keepOns.index, ({ resource }) => resource);
}

export function pause(store: Store, wish: Omit<Pause, 'since'>): Promise<Pause> {
  return putDocument(store, pauses.key(wish.schedule), pauses.index, (since) => ({ ...wish, since }));
}

/** Resumes a schedule. Returns whether it was paused. */
export function resume(store: Store, schedule: string): Promise<boolean> {
  return dropDocument(store, pauses.key(schedule));
}

/** The pauses in force, by schedule. */
export async function readPauses(store: Store): Promise<ReadonlyMap<string, Pause>> {
  return readAll<Pause>(store, pauses.index, ({ schedule }) => schedule);
}

async function readAll<Value extends { until?: number }>(
  store: Store,
  index: string,
  keyOf: (value: Value) => string,
): Promise<ReadonlyMap<string, Value>> {
  const { at } = await store.read([]);
  const found = new Map<string, Value>();
  const over: Stored<Value>[] = [];
  for await (const record of indexRecords<Value>(store, index)) {
    if ((record.value.until ?? Infinity) > at) found.set(keyOf(record.value), record.value);
    else over.push(record);
  }
  for (const was of over) await store.commit([{ op: 'delete', was }]);
  return found;
}
