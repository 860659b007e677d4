// Converts between instants and the wall clock of a time zone, by the zone's stretches of constant offset. It asks
// Temporal only when a stretch of years is needed for the first time; the rest is arithmetic.
import { Temporal } from 'temporal-polyfill';

/** Milliseconds. */
export const minute = 60_000;
export const day = 86_400_000;

/**
 * A stretch of constant offset: instants from `from` (included) to `to` (excluded), and the offset that turns an
 * instant into wall-clock time. All in milliseconds. Wall-clock times are written as milliseconds since 1970 as if they
 * were UTC.
 */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

interface Known {
  readonly from: number;
  readonly to: number;
  readonly stretches: readonly Stretch[];
}

const zones = new Map<string, Known>();
/** Read beyond what was asked for, so that a service that runs for years rarely asks again. */
const ahead = 800 * day;

/**
 * The stretches that touch [from, to), in order and without gaps. The first and the last may be cut off outside that
 * range.
 */
export function stretchesOf(zone: string, from: number, to: number): readonly Stretch[] {
  let known = zones.get(zone);
  if (known === undefined || from < known.from || to > known.to) {
    known = read(zone, Math.min(from - ahead, known?.from ?? from), Math.max(to + ahead, known?.to ?? to));
    zones.set(zone, known);
  }
  const { stretches } = known;
  let first = indexAt(stretches, from);
  const found: Stretch[] = [];
  for (; first < stretches.length && stretches[first]!.from < to; first++) found.push(stretches[first]!);
  return found;
}

/** What the wall clock shows at an instant; milliseconds. */
export function wallAt(zone: string, at: number): number {
  return at + stretchesOf(zone, at, at + 1)[0]!.offset;
}

/**
 * The first instant at which the wall clock shows this time or later: the first of two, or the end of a gap.
 * Milliseconds.
 */
export function firstFrom(zone: string, wall: number): number {
  return earliest(stretchesOf(zone, wall - 2 * day, wall + 2 * day), wall, Infinity) as number;
}

/** Just after the last instant at which the wall clock shows less than this. Milliseconds. */
export function lastBefore(zone: string, wall: number): number {
  return latest(stretchesOf(zone, wall - 2 * day, wall + 2 * day), -Infinity, wall) as number;
}

/** The first instant that shows a time in [wallFrom, wallTo), or `undefined`. */
export function earliest(stretches: readonly Stretch[], wallFrom: number, wallTo: number): number | undefined {
  for (const { from, to, offset } of stretches) {
    const start = Math.max(from, wallFrom - offset);
    if (start < Math.min(to, wallTo - offset)) return start;
  }
  return undefined;
}

/** Just after the last instant that shows a time in [wallFrom, wallTo), or `undefined`. */
export function latest(stretches: readonly Stretch[], wallFrom: number, wallTo: number): number | undefined {
  for (let index = stretches.length - 1; index >= 0; index--) {
    const { from, to, offset } = stretches[index]!;
    const end = Math.min(to, wallTo - offset);
    if (Math.max(from, wallFrom - offset) < end) return end;
  }
  return undefined;
}

/** A gap: the wall-clock times that are skipped when clocks are put forward. */
export interface Gap {
  readonly at: number;
  readonly wallFrom: number;
  readonly wallTo: number;
}

/** The gaps of a zone in [from, to); milliseconds. */
export function gapsOf(zone: string, from: number, to: number): Gap[] {
  const stretches = stretchesOf(zone, from, to);
  return stretches.flatMap(({ from: at, offset }, index) => {
    const before = stretches[index - 1];
    if (before === undefined || at < from || offset <= before.offset) return [];
    return [{ at, wallFrom: at + before.offset, wallTo: at + offset }];
  });
}

/** A wall-clock time from `2026-12-12T08:00` or `2026-12-12`; milliseconds as if it were UTC. */
export function wallOf(text: string): number {
  return Date.parse(text.includes('T') ? `${text}:00Z` : `${text}T00:00Z`);
}

/** `2026-12-12T08:00`, from milliseconds as if it were UTC. */
export function wallText(wall: number): string {
  return new Date(wall).toISOString().slice(0, 16);
}

function read(zone: string, from: number, to: number): Known {
  const stretches: Stretch[] = [];
  let moment = Temporal.Instant.fromEpochMilliseconds(Math.floor(from)).toZonedDateTimeISO(zone);
  for (let start = Math.floor(from); ;) {
    const offset = moment.offsetNanoseconds / 1e6;
    const next = moment.getTimeZoneTransition('next');
    const end = next === null ? Infinity : next.epochMilliseconds;
    const last = stretches.at(-1);
    // A zone can change its name or its rules without changing its offset.
    if (last?.offset === offset) stretches[stretches.length - 1] = { ...last, to: end };
    else stretches.push({ from: start, to: end, offset });
    if (next === null || end >= to) return { from: Math.floor(from), to: end, stretches };
    [moment, start] = [next, end];
  }
}

/** The index of the first stretch that ends after an instant. */
function indexAt(stretches: readonly Stretch[], at: number): number {
  let [low, high] = [0, stretches.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle]!.to > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
