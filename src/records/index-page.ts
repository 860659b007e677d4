// What a page of an index is, worked out once for both adapters: the stretch to read, and the page made of what was read.
// It must never show a document under an entry that the document doesn't carry.

import { type Cursor, cursorOf, type Page, type PageRequest, type Stored } from './store.ts';

const TIME_LENGTH = 13;
const LATEST = 9_999_999_999_999;

interface Bound {
  readonly place: Cursor;
  readonly inclusive: boolean;
}

/** A stretch of an index in byte order; a bound left out is the index's own end. */
interface Stretch {
  readonly from?: Bound;
  readonly to?: Bound;
}

/** The key in an index entry. */
export function keyIn(entry: Cursor): string {
  return entry.slice(TIME_LENGTH);
}

/** The stretch a request asks for. Throws `RangeError` when `limit` isn't within 1 to 1,000. */
export function stretchOf({ order, limit, after, since, until }: PageRequest): Stretch {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw new RangeError(`${limit} is no page's limit.`);
  const from = since === undefined || since <= 0 ? undefined : { place: timeText(Math.ceil(since)), inclusive: true };
  const to = until === undefined || until >= LATEST ? undefined : { place: timeText(until + 1), inclusive: false };
  if (after === undefined) return { ...(from && { from }), ...(to && { to }) };
  const behind = { place: after, inclusive: false };
  // Only the 13 digits are compared: they are ASCII, so JavaScript's order is the stores' byte order.
  if (order === 'newest') return { ...(from && { from }), to: to && to.place <= timeIn(after) ? to : behind };
  return { from: from && from.place > timeIn(after) ? from : behind, ...(to && { to }) };
}

/** The page made of up to `limit + 1` entries in index order, and their documents as far as there are any. */
export function pageOf<Value>(
  index: string,
  { limit }: PageRequest,
  entries: readonly Cursor[],
  documents: readonly (Stored | undefined)[],
): Page<Value> {
  const records: Stored<Value>[] = [];
  const stale: Cursor[] = [];
  const looked = entries.slice(0, limit);
  looked.forEach((entry, i) => {
    const document = documents[i];
    const at = document && Object.hasOwn(document.indexes, index) ? document.indexes[index] : undefined;
    if (document && at !== undefined && cursorOf(at, document.key) === entry) records.push(document as Stored<Value>);
    else stale.push(entry);
  });
  const next = entries.length > limit ? looked.at(-1) : undefined;
  return { records, stale, ...(next !== undefined && { next }) };
}

function timeText(at: number): string {
  // Beyond the last time there is nothing, and a fourteenth digit would sort in the middle; ':' follows '9'.
  if (at > LATEST) return ':';
  return cursorOf(Math.max(at, 0), '');
}

function timeIn(entry: Cursor): string {
  return entry.slice(0, TIME_LENGTH);
}
