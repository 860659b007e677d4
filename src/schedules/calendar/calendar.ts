// Computes when a schedule wants its resources running. It reads no clock and knows no resources. It computes windows
// for a few years at a time; after that every question is a binary search in a sorted list.
import type { RunningSchedule, Window } from '../schedule.ts';
import {
  type Stretch,
  day,
  earliest,
  firstFrom,
  lastBefore,
  latest,
  minute,
  stretchesOf,
  wallOf,
} from './wall-clock.ts';

/** From `at` (milliseconds) on, resources should be running or not. */
interface Change {
  readonly at: number;
  readonly running: boolean;
}

/** From `from` (included) to `to` (excluded); milliseconds. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly running: boolean;
}

/** All instants are milliseconds since 1970. */
export interface Calendar {
  shouldRun(at: number): boolean;
  /** The next change strictly after `at`, within 400 days. */
  nextChange(at: number): Change | undefined;
  /** The last change at or before `at`, within 400 days. */
  lastChange(at: number): Change | undefined;
  /** From `from` to `to` without gaps. Neighbours differ. */
  spans(from: number, to: number): Span[];
}

/** How far changes are searched for, in milliseconds. */
export const horizon = 400 * day;
/** Computed beyond the horizon on both sides, so that it is recomputed only after weeks. */
const spare = 60 * day;

/** Sorted instants: at even positions running begins, at odd positions it ends. Complete from `from` to `to`. */
interface Coverage {
  readonly from: number;
  readonly to: number;
  readonly edges: readonly number[];
}

/** The calendar of a schedule. Nothing is computed before the first question. */
export function calendarOf(schedule: RunningSchedule): Calendar {
  let covered: Coverage | undefined;
  const byDay = windowsByDay(schedule.windows);
  const exceptions = new Set(schedule.exceptions.map((date) => wallOf(date) / day));

  function covering(from: number, to: number): Coverage {
    if (covered === undefined || from < covered.from || to > covered.to) {
      // Covers both directions, because a caller that asks for the next change asks for the last one too.
      const [first, last] = [from - horizon - spare, to + horizon + spare];
      covered = { from: first, to: last, edges: edgesIn(first, last) };
    }
    return covered;
  }

  function edgesIn(from: number, to: number): readonly number[] {
    const { timeZone, once } = schedule;
    // One day more on each side covers every zone's offset and every window's length.
    const found: number[][] = [];
    for (let date = Math.floor(from / day) - 3; date <= Math.ceil(to / day) + 3; date++) {
      const windows = byDay[weekday(date)]!;
      if (windows.length === 0 || exceptions.has(date)) continue;
      const near = stretchesOf(timeZone, (date - 2) * day, (date + 3) * day);
      for (const window of windows) {
        const open = windowOn(near, date, window);
        if (open) found.push(open);
      }
    }
    found.sort(([a = 0], [b = 0]) => a - b);
    const edges: number[] = [];
    for (const [start = 0, end = 0] of found) {
      if (edges.length > 0 && start <= edges.at(-1)!) edges[edges.length - 1] = Math.max(edges.at(-1)!, end);
      else edges.push(start, end);
    }
    return once.reduce((painted, { from, to, running }) => {
      return paint(painted, firstFrom(timeZone, wallOf(from)), lastBefore(timeZone, wallOf(to)), running);
    }, edges);
  }

  const changeAt = ({ edges }: Coverage, index: number): Change => ({ at: edges[index]!, running: index % 2 === 0 });

  return {
    shouldRun(at) {
      return after(covering(at, at).edges, at) % 2 === 1;
    },
    nextChange(at) {
      const coverage = covering(at, at + horizon);
      const index = after(coverage.edges, at);
      return (coverage.edges[index] ?? Infinity) <= at + horizon ? changeAt(coverage, index) : undefined;
    },
    lastChange(at) {
      const coverage = covering(at - horizon, at);
      const index = after(coverage.edges, at) - 1;
      return (coverage.edges[index] ?? -Infinity) >= at - horizon ? changeAt(coverage, index) : undefined;
    },
    spans(from, to) {
      const { edges } = covering(from, to);
      const spans: Span[] = [];
      let index = after(edges, from);
      for (let start = from; start < to; index++) {
        const end = Math.min(edges[index] ?? Infinity, to);
        spans.push({ from: start, to: end, running: index % 2 === 1 });
        start = end;
      }
      return spans;
    },
  };
}

/**
 * The instants at which a window opens and closes on a local date (days since 1970). `undefined` if the date lacks that
 * time.
 */
function windowOn(near: readonly Stretch[], date: number, { from, to }: Window): [number, number] | undefined {
  const [midnight, next] = [date * day, (date + 1) * day];
  const start = earliest(near, midnight + from * minute, next);
  const end = latest(near, midnight, Math.min(midnight + to * minute, next));
  return start === undefined || end === undefined || start >= end ? undefined : [start, end];
}

/** The edges after the range from `from` to `to` was set to running or not. */
function paint(edges: readonly number[], from: number, to: number, running: boolean): number[] {
  if (from >= to) return [...edges];
  const [before, behind] = [edges.filter((edge) => edge < from), edges.filter((edge) => edge > to)];
  // An odd count of edges before `from` means that the schedule was running there.
  const ranBefore = before.length % 2 === 1;
  const runsBehind = behind.length % 2 === 1;
  return [...before, ...(ranBefore === running ? [] : [from]), ...(runsBehind === running ? [] : [to]), ...behind];
}

/** Indexed by weekday, 1 to 7. */
function windowsByDay(windows: readonly Window[]): readonly (readonly Window[])[] {
  return Array.from({ length: 8 }, (_, weekday) => windows.filter(({ days }) => days.includes(weekday)));
}

/** The weekday, 1 for Monday, of a date in days since 1970, which began on a Thursday. */
export function weekday(date: number): number {
  return ((((date + 3) % 7) + 7) % 7) + 1;
}

/** The number of edges at or before an instant. */
function after(edges: readonly number[], at: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
