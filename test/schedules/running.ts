// Schedules for tests, with everything that a test doesn't care about filled in.
import type { RunningSchedule, Window } from '../../src/schedules/schedule.ts';

const place = { line: 1, column: 1 };

/** A window from `08:00` to `18:30` on days 1 (Monday) to 7. */
export function window(days: readonly number[], from: string, to: string): Window {
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  return { days, from: minutes(from), to: minutes(to), place };
}

export const everyDay = [1, 2, 3, 4, 5, 6, 7];

export function running(
  timeZone: string,
  windows: readonly Window[],
  more: { exceptions?: readonly string[]; once?: readonly [from: string, to: string, running: boolean][] } = {},
): RunningSchedule {
  return {
    kind: 'running',
    name: 'test',
    timeZone,
    windows,
    exceptions: more.exceptions ?? [],
    once: (more.once ?? []).map(([from, to, running]) => ({ from, to, running, place })),
    applies: [],
    policy: 'enforce',
    priority: 0,
    stopPolicy: { postpone: 3_600_000, afterwards: 'leave', unknown: 'leave', snapshot: false },
    place,
  };
}
