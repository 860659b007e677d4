// The store's contract: small JSON documents with versions and time-ordered indexes, changed by atomic commits. A
// commit happens as a whole or not at all, and never overwrites a document that changed since it was read.

/**
 * The indexes a document is in, each with the time it is sorted by: milliseconds since 1970, 0 to 9,999,999,999,999.
 */
export type Indexes = Readonly<Record<string, number>>;

/** A document as it was read. `version` is random: two equal versions of a document come from the same write. */
export interface Stored<Value = unknown> {
  readonly key: string;
  readonly version: string;
  readonly value: Value;
  readonly indexes: Indexes;
}

/** One part of a commit. A refusal names it by its position in the commit's array. */
export type Change =
  /** Refused when the key exists. */
  | { readonly op: 'create'; readonly key: string; readonly value: unknown; readonly indexes?: Indexes }
  /** Refused when the document is gone or has another version. Without `indexes` the document is in no index. */
  | { readonly op: 'replace'; readonly was: Stored; readonly value: unknown; readonly indexes?: Indexes }
  /** Refused when the document is gone or has another version. Removes it from all its indexes. */
  | { readonly op: 'delete'; readonly was: Stored }
  /** Changes nothing. Refused when the document is gone or has another version. */
  | { readonly op: 'check'; readonly was: Stored }
  /** Changes nothing. Refused when the key exists. */
  | { readonly op: 'absent'; readonly key: string }
  /** Changes nothing. Refused when the index has an entry. */
  | { readonly op: 'empty'; readonly index: string };

/**
 * Either everything was written (`written[i]` is the document that change i wrote) or nothing (`refused` is the
 * position of the first change that was refused).
 */
export type Committed =
  | { readonly ok: true; readonly written: readonly (Stored | undefined)[] }
  | { readonly ok: false; readonly refused: number };

/** A place in an index, as the store sorts it: 13 digits of milliseconds, then the key. */
export type Cursor = string;

export interface PageRequest {
  readonly order: 'newest' | 'oldest';
  /** How many entries are read at most: 1 to 1,000. */
  readonly limit: number;
  /** Start behind this place. */
  readonly after?: Cursor;
  /** Only entries at this time or later; milliseconds. */
  readonly since?: number;
  /** Only entries at this time or earlier; milliseconds. */
  readonly until?: number;
}

export interface Page<Value = unknown> {
  /** In index order. Leaves out entries whose document is gone or doesn't carry them (see `prune`). */
  readonly records: readonly Stored<Value>[];
  /** Where the next page starts; absent at the end of the index. */
  readonly next?: Cursor;
  /** The entries of this page whose documents don't carry them. */
  readonly stale: readonly Cursor[];
}

/**
 * The contract of both adapters, Redis and embedded PGlite. One test suite runs on both.
 *
 * A method rejects with the driver's own error when the store can't be reached. A `commit` that rejected may have
 * happened, so read again and compare. A refused commit may have succeeded as well, when the driver sent it twice after
 * a reconnect: read and compare there too.
 */
export interface Store {
  /**
   * Reads several documents and the store's time (milliseconds) in one round trip. A missing document is `undefined`.
   */
  read(keys: readonly string[]): Promise<{ readonly at: number; readonly records: readonly (Stored | undefined)[] }>;
  /**
   * The store's time in milliseconds, without a request: less exact than a read's by up to one round trip. `undefined`
   * when no answer is recent enough.
   */
  knownTime(): number | undefined;
  /** Writes all changes or none, in one atomic step. At most one change per key. */
  commit(changes: readonly Change[]): Promise<Committed>;
  page<Value = unknown>(index: string, request: PageRequest): Promise<Page<Value>>;
  /** The number of entries of an index. */
  count(index: string): Promise<number>;
  /**
   * Removes those of the given entries whose document is gone or doesn't carry them, in one atomic step. Returns how
   * many.
   */
  prune(index: string, entries: readonly Cursor[]): Promise<number>;
  /** Ends the connection within a second, also when the store is gone. */
  close(): Promise<void>;
}

/** The entry of a document in an index. */
export function cursorOf(at: number, key: string): Cursor {
  return String(Math.trunc(at)).padStart(13, '0') + key;
}
