// What people say against a schedule for a while: keep a resource on, leave a schedule alone. Each with who and why, and
// each in the store, so that it holds in every process.
import { ServiceError } from '../errors.ts';
import { dropDocument, putDocument } from '../records/put-and-drop.ts';
import type { Store, Stored } from '../records/store.ts';
import { indexRecords } from '../records/walk-index.ts';

/** A resource stays on until then, whatever its schedule says; ends by itself. Times are the store's, in milliseconds. */
export interface KeepOn {
  readonly resource: string;
  readonly since: number;
  /** Only from then on: a stop to come that is skipped. Default: at once. */
  readonly from?: number;
  readonly until: number;
  readonly by: string;
  readonly reason: string;
}

/** A schedule that does nothing, until it is resumed or until then. */
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

/** Puts a lease on a resource, in place of the one before. Throws `invalid-request` when it would end in the past or too late. */
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

/** Ends a lease early; says whether there was one. */
export function endKeepOn(store: Store, resource: string): Promise<boolean> {
  return dropDocument(store, keepOns.key(resource));
}

/** The leases in force or to come, by resource. What has ended by itself is dropped on the way. */
export async function readKeepOns(store: Store): Promise<ReadonlyMap<string, KeepOn>> {
  return readAll<KeepOn>(store, keepOns.index, ({ resource }) => resource);
}

export function pause(store: Store, wish: Omit<Pause, 'since'>): Promise<Pause> {
  return putDocument(store, pauses.key(wish.schedule), pauses.index, (since) => ({ ...wish, since }));
}

/** Says whether it was paused. */
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
