// Computes savings from the ledger: hours asleep by resource and schedule, the instance hours and memory hours that
// weren't billed, and money where the operator gave prices. It never guesses an unknown price; it names it.
import type { Store } from '../../records/store.ts';
import { indexRecords } from '../../records/walk-index.ts';
import { day } from '../calendar/wall-clock.ts';
import { type LedgerSpan, spansIndex, spansOf } from '../ledger.ts';
import type { Prices } from '../schedule.ts';
import { allManagedResources, readLookRecords } from '../resource-cache.ts';

/** A stopped graph is billed a tenth of its price. */
const savedOfGraph = 0.9;
const hour = 3_600_000;

/** One resource under one schedule. The hours have fractions and add up to the time in the ledger. */
export interface SavedRow {
  readonly resource: string;
  readonly name: string;
  readonly schedule: string;
  readonly asleepHours: number;
  readonly awakeHours: number;
  /** Starting and stopping, billed as running. */
  readonly movingHours: number;
  /** Nobody looked, and the state changed meanwhile. It counts as not saved. */
  readonly unknownHours: number;
  /** Hours that weren't billed, by instance class. */
  readonly instanceHours: Readonly<Record<string, number>>;
  /** GB of graph memory × hours that weren't billed: 90 % of the time asleep. */
  readonly memoryHours: number;
  /** In the currency of the prices; absent when a price is unknown. */
  readonly money?: number;
  readonly unknownPrices: readonly string[];
}

export interface Savings {
  /** Milliseconds since 1970; `to` is never in the future. */
  readonly from: number;
  readonly to: number;
  readonly currency?: string;
  readonly rows: readonly SavedRow[];
  readonly total: Saved;
  /** By day of UTC, oldest first. Days without ledger spans are left out. */
  readonly days: readonly SavedDay[];
}

/** `at`: the day's midnight, in milliseconds. */
interface SavedDay extends Saved {
  readonly at: number;
}

export type Saved = Omit<SavedRow, 'resource' | 'name' | 'schedule'>;

/** A month of UTC, by which savings are asked for: `2026-11`. */
export const monthPattern = /^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])$/;

/** `2026-11` or anything that begins like it, as [from, to) in milliseconds. */
export function monthOf(text: string): { readonly from: number; readonly to: number } {
  const [year = 0, month = 1] = text.slice(0, 7).split('-').map(Number);
  return { from: Date.UTC(year, month - 1), to: Date.UTC(year, month) };
}

/** `2026-11` of a time in milliseconds. */
export function monthText(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** What was seen between two times, by resource, oldest first; what still goes on is cut at `to`. */
export async function readSpans(store: Store, from: number, to: number, resource?: string): Promise<LedgerSpan[]> {
  // A current span reaches to the last look, because later changes are unseen.
  const looks = new Map((await readLookRecords(store)).map(({ target, kind, at }) => [`${target}/${kind}`, at]));
  const found: LedgerSpan[] = [];
  // Read before the ended spans: a span that ends meanwhile is recognised by its start and counts once.
  const ongoing = new Map<string, number>();
  for await (const { value } of allManagedResources(store)) {
    if (resource !== undefined && value.resource !== resource) continue;
    ongoing.set(value.resource, value.since);
    found.push(...spansOf(value, Math.min(to, looks.get(`${value.target}/${value.kind}`) ?? 0)));
  }
  const index = resource === undefined ? spansIndex.all : spansIndex.of(resource);
  // A span is a day long at most, so one that reaches into the time ends no later than a day behind it.
  for await (const { value } of indexRecords<LedgerSpan>(store, index, { since: from, until: to + day })) {
    if (value.from < (ongoing.get(value.resource) ?? Infinity)) found.push(value);
  }
  return found.flatMap((span) => cut(span, from, to)).sort((a, b) => a.from - b.from);
}

function cut(span: LedgerSpan, from: number, to: number): LedgerSpan[] {
  const cutSpan = { ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) };
  return cutSpan.to > cutSpan.from ? [cutSpan] : [];
}

/** `to` is cut at the store's time. Resources that `sees` refuses count nowhere, not even in totals. */
export async function readSavings(
  store: Store,
  from: number,
  to: number,
  prices: Prices | undefined,
  sees: (span: LedgerSpan) => boolean = () => true,
): Promise<Savings> {
  const { at } = await store.read([]);
  const end = Math.max(from, Math.min(to, at));
  const spans = await readSpans(store, from, end);
  return savingsOf(spans.filter(sees), from, end, prices);
}

/** The sums over spans that lie within a time. */
export function savingsOf(spans: readonly LedgerSpan[], from: number, to: number, prices: Prices | undefined): Savings {
  const rows = rowsOf(spans, prices);
  rows.sort((a, b) => b.asleepHours - a.asleepHours || (a.resource < b.resource ? -1 : 1));
  const byDay = groupBy(spans, (span) => Math.floor(span.from / day) * day);
  const days = [...byDay].map(([at, ofDay]) => ({ at, ...totalOf(rowsOf(ofDay, prices)) }));
  days.sort((a, b) => a.at - b.at);
  const currency = prices === undefined ? {} : { currency: prices.currency };
  return { from, to, ...currency, rows, total: totalOf(rows), days };
}

function rowsOf(spans: readonly LedgerSpan[], prices: Prices | undefined): SavedRow[] {
  const groups = groupBy(spans, ({ resource, schedule }) => `${resource} ${schedule}`);
  return [...groups.values()].map((ofOne) => rowOf(ofOne, prices));
}

function groupBy<Key>(spans: readonly LedgerSpan[], keyOf: (span: LedgerSpan) => Key): Map<Key, LedgerSpan[]> {
  const groups = new Map<Key, LedgerSpan[]>();
  for (const span of spans) {
    const group = groups.get(keyOf(span));
    if (group) group.push(span);
    else groups.set(keyOf(span), [span]);
  }
  return groups;
}

function rowOf(spans: readonly LedgerSpan[], prices: Prices | undefined): SavedRow {
  const [first] = spans;
  if (first === undefined) throw new Error('no spans');
  const hours = { asleepHours: 0, awakeHours: 0, movingHours: 0, unknownHours: 0 };
  const instanceHours: Record<string, number> = {};
  let memoryHours = 0;
  for (const { state, from, to, shape } of spans) {
    const length = (to - from) / hour;
    if (state === 'running') hours.awakeHours += length;
    if (state === 'moving') hours.movingHours += length;
    if (state === 'unknown') hours.unknownHours += length;
    if (state !== 'stopped') continue;
    hours.asleepHours += length;
    if ('memory' in shape) memoryHours += shape.memory * length * savedOfGraph;
    else
      for (const [name, count] of Object.entries(shape.instances))
        instanceHours[name] = (instanceHours[name] ?? 0) + count * length;
  }
  const { resource, schedule } = first;
  const name = spans.at(-1)?.name ?? first.name;
  return {
    resource,
    name,
    schedule,
    ...hours,
    instanceHours,
    memoryHours,
    ...worth(instanceHours, memoryHours, prices),
  };
}

function worth(
  instanceHours: Readonly<Record<string, number>>,
  memoryHours: number,
  prices: Prices | undefined,
): Pick<SavedRow, 'money' | 'unknownPrices'> {
  const priceOf = (name: string) =>
    Object.hasOwn(prices?.instances ?? {}, name) ? prices?.instances[name] : undefined;
  const bill = Object.entries(instanceHours).map(([name, hours]) => ({ name, hours, price: priceOf(name) }));
  if (memoryHours > 0) bill.push({ name: 'graph memory', hours: memoryHours, price: prices?.graphMemory });
  const unknownPrices = bill.filter(({ price }) => price === undefined).map(({ name }) => name);
  if (prices === undefined || unknownPrices.length > 0) return { unknownPrices };
  return { money: bill.reduce((sum, { hours, price = 0 }) => sum + hours * price, 0), unknownPrices };
}

/** The money of the rows with known prices, and the names of the others. */
function totalOf(rows: readonly SavedRow[]): Savings['total'] {
  const sum = (of: (row: SavedRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const instanceHours: Record<string, number> = {};
  for (const row of rows)
    for (const [name, hours] of Object.entries(row.instanceHours))
      instanceHours[name] = (instanceHours[name] ?? 0) + hours;
  const priced = rows.filter(({ money }) => money !== undefined);
  return {
    asleepHours: sum(({ asleepHours }) => asleepHours),
    awakeHours: sum(({ awakeHours }) => awakeHours),
    movingHours: sum(({ movingHours }) => movingHours),
    unknownHours: sum(({ unknownHours }) => unknownHours),
    instanceHours,
    memoryHours: sum(({ memoryHours }) => memoryHours),
    ...(priced.length > 0 ? { money: sum(({ money = 0 }) => money) } : {}),
    unknownPrices: [...new Set(rows.flatMap((row) => row.unknownPrices))].sort(),
  };
}
