// The one place that remembers: small JSON documents with versions and time-ordered indexes, changed in atomic commits.
// It must never apply half a commit, and never accept a change to a document that somebody else changed in between.

/** An index a document appears in, and where: name → time in milliseconds since 1970 (0 to 9,999,999,999,999). */
export type Indexes = Readonly<Record<string, number>>;

/** A document as it was read. `version` is a random nonce: a document's equal versions mean the same write, and nothing else. */
export interface Stored<Value = unknown> {
  readonly key: string;
  readonly version: string;
  readonly value: Value;
  readonly indexes: Indexes;
}

/** One part of a commit. Positions in the commit's array name the part that was refused. */
export type Change =
  /** Refused when the key exists. */
  | { readonly op: 'create'; readonly key: string; readonly value: unknown; readonly indexes?: Indexes }
  /** Refused when the document is gone or another version. Left-out `indexes` means: in none. */
  | { readonly op: 'replace'; readonly was: Stored; readonly value: unknown; readonly indexes?: Indexes }
  /** Refused when the document is gone or another version. Leaves all its indexes. */
  | { readonly op: 'delete'; readonly was: Stored }
  /** Changes nothing; refused when the document is gone or another version. */
  | { readonly op: 'check'; readonly was: Stored }
  /** Changes nothing; refused when the key exists. */
  | { readonly op: 'absent'; readonly key: string }
  /** Changes nothing; refused when the index has any entry. */
  | { readonly op: 'empty'; readonly index: string };

/** All of it happened (`written[i]` is what change i wrote), or none of it and `refused` is the position of the first refusal. */
export type Committed =
  | { readonly ok: true; readonly written: readonly (Stored | undefined)[] }
  | { readonly ok: false; readonly refused: number };

/** A place in an index, exactly as the store orders it: 13 digits of milliseconds, then the key. */
export type Cursor = string;

export interface PageRequest {
  readonly order: 'newest' | 'oldest';
  /** Entries looked at, at most. 1 to 1,000. */
  readonly limit: number;
  /** Go on behind this place (exclusive). */
  readonly after?: Cursor;
  /** Only entries at this time or later, in milliseconds. */
  readonly since?: number;
  /** Only entries at this time or earlier, in milliseconds. */
  readonly until?: number;
}

export interface Page<Value = unknown> {
  /** In index order; an entry whose document is gone or doesn't carry the entry is left out (see `prune`). */
  readonly records: readonly Stored<Value>[];
  /** Where the next page goes on; absent when the index ended here. */
  readonly next?: Cursor;
  /** Entries met whose document doesn't carry them. */
  readonly stale: readonly Cursor[];
}

/**
 * The contract of both adapters (Redis; embedded PGlite), tested by one suite.
 *
 * Errors: a method rejects with the driver's own error when the store can't be reached. A rejected `commit` may have
 * happened: read again and compare. A refusal may be one's own success, sent twice after a reconnect: the same.
 */
export interface Store {
  /** Several documents and the store's own time (milliseconds) in one round trip; absent documents are `undefined`. */
  read(keys: readonly string[]): Promise<{ readonly at: number; readonly records: readonly (Stored | undefined)[] }>;
  /** The store's time in milliseconds, as far as it is known without asking; less exact than a read's by a round trip. */
  knownTime(): number | undefined;
  /** All changes or none, in one atomic step. At most one change a key. */
  commit(changes: readonly Change[]): Promise<Committed>;
  page<Value = unknown>(index: string, request: PageRequest): Promise<Page<Value>>;
  /** How many entries an index has. */
  count(index: string): Promise<number>;
  /** Drops the given entries of an index whose document is gone or doesn't carry them, checked atomically; says how many. */
  prune(index: string, entries: readonly Cursor[]): Promise<number>;
  /** Ends the connection. Never waits longer than a second, also when the store is gone. */
  close(): Promise<void>;
}

/** The member an index keeps for a document. */
export function cursorOf(at: number, key: string): Cursor {
  return String(Math.trunc(at)).padStart(13, '0') + key;
}
