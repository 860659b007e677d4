// Works out a page of an index for both adapters: the range to read, and the page made from what was read. It never
// shows a document under an entry that the document doesn't carry.

import { type Cursor, cursorOf, type Page, type PageRequest, type Stored } from './store.ts';

const TIME_LENGTH = 13;
const LATEST = 9_999_999_999_999;

interface Bound {
  readonly place: Cursor;
  readonly inclusive: boolean;
}

/** A range of an index in byte order. A missing bound is the end of the index. */
interface Stretch {
  readonly from?: Bound;
  readonly to?: Bound;
}

/** The key in an index entry. */
export function keyIn(entry: Cursor): string {
  return entry.slice(TIME_LENGTH);
}

/** The range that a request asks for. Throws `RangeError` when `limit` isn't within 1 to 1,000. */
export function stretchOf({ order, limit, after, since, until }: PageRequest): Stretch {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw new RangeError(`${limit} is no page's limit.`);
  const from = since === undefined || since <= 0 ? undefined : { place: timeText(Math.ceil(since)), inclusive: true };
  const to = until === undefined || until >= LATEST ? undefined : { place: timeText(until + 1), inclusive: false };
  if (after === undefined) return { ...(from && { from }), ...(to && { to }) };
  const behind = { place: after, inclusive: false };
  // Compares only the 13 digits. They are ASCII, so JavaScript's order is the stores' byte order.
  if (order === 'newest') return { ...(from && { from }), to: to && to.place <= timeIn(after) ? to : behind };
  return { from: from && from.place > timeIn(after) ? from : behind, ...(to && { to }) };
}

/** Makes the page from up to `limit + 1` entries in index order and their documents, some of which may be missing. */
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
  // No entry is later than LATEST, and a fourteenth digit would sort in the middle. ':' sorts behind '9'.
  if (at > LATEST) return ':';
  return cursorOf(Math.max(at, 0), '');
}

function timeIn(entry: Cursor): string {
  return entry.slice(0, TIME_LENGTH);
}
