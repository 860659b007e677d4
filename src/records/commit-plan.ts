// Turns the changes of one commit into a plan for both adapters: what to check, which documents to write, which index
// entries to add and remove. It never reads the store: a document's old index entries come from the version the caller
// read.

import { randomUUID } from 'node:crypto';
import { type Change, type Cursor, cursorOf, type Indexes, type Stored } from './store.ts';

/** Length of a version in characters. */
export const VERSION_LENGTH = 22;

const LATEST = 9_999_999_999_999;

/**
 * A condition that must hold before anything is written. A version and `absent` apply to a document, `empty` to an
 * index.
 */
export interface Expectation {
  /** A document's key; with `empty`, an index's name. */
  readonly of: string;
  readonly is: 'absent' | 'empty' | { readonly version: string };
}

export interface Entry {
  readonly index: string;
  readonly member: Cursor;
}

/** A document as it is stored: its value is already JSON text. */
export interface Document {
  readonly key: string;
  readonly version: string;
  readonly text: string;
  readonly indexes: Indexes;
}

interface CommitPlan {
  /** One for each change, in the order of the changes. */
  readonly expects: readonly Expectation[];
  readonly documents: readonly Document[];
  /** One for each change: the document it writes, as a later read returns it. */
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
export function planCommit(changes: readonly Change[]): CommitPlan {
  refuseRepeatedKeys(changes);
  const documents: Document[] = [];
  const written: (Stored | undefined)[] = [];
  const removed: Entry[] = [];
  const added: Entry[] = [];
  const version = newVersion();
  for (const change of changes) {
    const document = documentOf(change, version);
    written.push(document && storedOf(document));
    if (document) documents.push(document);
    const before = change.op === 'replace' || change.op === 'delete' ? entriesOf(change.was) : [];
    const after = document ? entriesOf(document) : [];
    removed.push(...without(before, after));
    added.push(...without(after, before));
  }
  const deleted = changes.flatMap((change) => (change.op === 'delete' ? [change.was.key] : []));
  return { expects: changes.map(expectationOf), documents, written, deleted, removed, added };
}

/**
 * One version for all documents of a commit. Versions are compared per document, so they may repeat across documents.
 */
function newVersion(): string {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
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

/** Parses the text only when somebody reads the value, because most callers don't read what they wrote. */
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

function entriesOf({ key, indexes }: Pick<Stored, 'key' | 'indexes'>): Entry[] {
  return Object.entries(indexes).map(([index, at]) => ({ index, member: cursorOf(at, key) }));
}

/** An index entry needs exactly 13 digits: it is sorted as text, and the key is cut out behind them. */
function wholeMilliseconds(given: Indexes = {}): Indexes {
  // No prototype: an index can have any name, `__proto__` too.
  const indexes = Object.create(null) as Record<string, number>;
  for (const [index, at] of Object.entries(given)) {
    if (!(at >= 0 && at <= LATEST)) throw new RangeError(`The time ${at} of the index ${index} is out of range.`);
    indexes[index] = Math.trunc(at);
  }
  return indexes;
}

function without(entries: readonly Entry[], others: readonly Entry[]): readonly Entry[] {
  if (others.length === 0) return entries;
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
