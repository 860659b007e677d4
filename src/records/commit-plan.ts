// What a commit asks of a store, worked out once for both adapters: expectations, documents to write, index entries to move.
// It must never look at the store: additions and removals come from the documents as they were read.

import { randomBytes } from 'node:crypto';
import { type Change, type Cursor, cursorOf, type Indexes, type Stored } from './store.ts';

/** Length of a version in characters. */
export const VERSION_LENGTH = 22;

const LATEST = 9_999_999_999_999;

/** What must hold before anything is written: `absent` and a version speak of a document, `empty` of an index. */
export interface Expectation {
  /** A document's key, or with `empty` an index's name. */
  readonly of: string;
  readonly is: 'absent' | 'empty' | { readonly version: string };
}

export interface Entry {
  readonly index: string;
  readonly member: Cursor;
}

/** A document as it is stored: its value is JSON's text already. */
export interface Document {
  readonly key: string;
  readonly version: string;
  readonly text: string;
  readonly indexes: Indexes;
}

export interface Plan {
  /** One for each change, in the order of the changes. */
  readonly expects: readonly Expectation[];
  readonly documents: readonly Document[];
  /** One for each change: what it writes, as a later read would give it. */
  readonly written: readonly (Stored | undefined)[];
  readonly deleted: readonly string[];
  readonly removed: readonly Entry[];
  readonly added: readonly Entry[];
}

/**
 * Turns the changes of one commit into a plan.
 *
 * Throws `RangeError` when an index time isn't within 0 to 9,999,999,999,999 or a key is changed twice, and `TypeError`
 * when a value isn't JSON.
 */
export function planOf(changes: readonly Change[]): Plan {
  const removed: Entry[] = [];
  const added: Entry[] = [];
  for (const change of changes) {
    const before = 'was' in change ? entriesOf(change.was.key, change.was.indexes) : [];
    if (change.op === 'create') added.push(...entriesOf(change.key, change.indexes));
    if (change.op === 'delete') removed.push(...before);
    if (change.op === 'replace') {
      const after = entriesOf(change.was.key, change.indexes);
      removed.push(...without(before, after));
      added.push(...without(after, before));
    }
  }
  refuseRepeatedKeys(changes);
  // One for all of them: what tells writes of one document apart tells commits apart.
  const version = randomBytes(16).toString('base64url');
  const documents = changes.map((change) => documentOf(change, version));
  return {
    expects: changes.map(expectationOf),
    documents: documents.filter((document) => document !== undefined),
    written: documents.map((document) => document && storedOf(document)),
    deleted: changes.flatMap((change) => (change.op === 'delete' ? [change.was.key] : [])),
    removed,
    added,
  };
}

function expectationOf(change: Change): Expectation {
  if (change.op === 'empty') return { of: change.index, is: 'empty' };
  if ('was' in change) return { of: change.was.key, is: { version: change.was.version } };
  return { of: change.key, is: 'absent' };
}

function documentOf(change: Change, version: string): Document | undefined {
  if (change.op !== 'create' && change.op !== 'replace') return undefined;
  const text = JSON.stringify(change.value) as string | undefined;
  if (text === undefined) throw new TypeError('A document needs a value that JSON can hold.');
  return {
    key: change.op === 'create' ? change.key : change.was.key,
    version,
    text,
    indexes: wholeMilliseconds(change.indexes),
  };
}

/** Most who write a document don't look at it again: its text is read when somebody does. */
function storedOf({ key, version, text, indexes }: Document): Stored {
  let value: unknown;
  return {
    key,
    version,
    indexes,
    get value() {
      return (value ??= JSON.parse(text) as unknown);
    },
  };
}

function entriesOf(key: string, indexes?: Indexes): Entry[] {
  return Object.entries(wholeMilliseconds(indexes)).map(([index, at]) => ({ index, member: cursorOf(at, key) }));
}

/** A time of another width would sort in the wrong place, and its key couldn't be cut out of the entry again. */
function wholeMilliseconds(indexes: Indexes = {}): Indexes {
  return Object.fromEntries(
    Object.entries(indexes).map(([index, at]) => {
      if (!(at >= 0 && at <= LATEST)) throw new RangeError(`The time ${at} of the index ${index} is out of range.`);
      return [index, Math.trunc(at)];
    }),
  );
}

function without(entries: readonly Entry[], others: readonly Entry[]): Entry[] {
  return entries.filter((one) => !others.some((other) => other.index === one.index && other.member === one.member));
}

function refuseRepeatedKeys(changes: readonly Change[]): void {
  const seen = new Set<string>();
  for (const change of changes) {
    if (change.op === 'empty') continue;
    const key = 'was' in change ? change.was.key : change.key;
    if (seen.has(key)) throw new RangeError(`A commit changes ${key} twice.`);
    seen.add(key);
  }
}
