// What a store should do, in plain code over a map: what the adapters are compared with.

import { type Change, cursorOf, type Page, type PageRequest, type Stored } from '../../src/records/store.ts';

export type Model = ReadonlyMap<string, Stored>;

export function emptyModel(): Model {
  return new Map();
}

/** The model after a commit; `refused` is -1 when nothing was. Versions are the store's own, so they come from its answer. */
export function commitToModel(
  model: Model,
  changes: readonly Change[],
  written: readonly (Stored | undefined)[],
): { model: Model; refused: number } {
  const refused = changes.findIndex((change) => !holds(model, change));
  if (refused !== -1) return { model, refused };
  const next = new Map(model);
  changes.forEach((change, i) => {
    if (change.op === 'delete') next.delete(change.was.key);
    if (change.op !== 'create' && change.op !== 'replace') return;
    const key = change.op === 'create' ? change.key : change.was.key;
    const version = written[i]?.version ?? 'the store wrote nothing';
    next.set(key, { key, version, value: change.value, indexes: change.indexes ?? {} });
  });
  return { model: next, refused };
}

function holds(model: Model, change: Change): boolean {
  if (change.op === 'empty') return [...model.values()].every(({ indexes }) => indexes[change.index] === undefined);
  if ('was' in change) return model.get(change.was.key)?.version === change.was.version;
  return !model.has(change.key);
}

export function pageOfModel(model: Model, index: string, { order, limit, after }: PageRequest): Page {
  const entries = [...model.values()].flatMap((record) => {
    const at = record.indexes[index];
    return at === undefined ? [] : [{ entry: cursorOf(at, record.key), record }];
  });
  entries.sort((one, other) => (one.entry < other.entry ? -1 : 1));
  if (order === 'newest') entries.reverse();
  const rest = entries.filter(
    ({ entry }) => after === undefined || (order === 'newest' ? entry < after : entry > after),
  );
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  return {
    records: shown.map(({ record }) => record),
    stale: [],
    ...(rest.length > limit && last && { next: last.entry }),
  };
}
