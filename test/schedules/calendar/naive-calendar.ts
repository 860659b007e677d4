// The rules of schedules once more, as slowly and plainly as they are said: minute by minute, from what Intl shows.
import type { RunningSchedule } from '../../../src/schedules/schedule.ts';

const minute = 60_000;
/** Every change of a clock happens on a quarter of an hour, so Intl is asked once for each. */
const quarter = 15 * minute;

const clocks = new Map<string, { format: Intl.DateTimeFormat; shown: Map<number, number> }>();

/** The minutes of the wall clock since 1970, as if it were UTC. */
function shownAt(zone: string, at: number): number {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
    clocks.set(zone, (clock = { format, shown: new Map() }));
  }
  const start = Math.floor(at / quarter) * quarter;
  let shown = clock.shown.get(start);
  if (shown === undefined) {
    shown = Date.parse(`${clock.format.format(start).replace(' ', 'T')}Z`) / minute;
    clock.shown.set(start, shown);
  }
  return shown + (at - start) / minute;
}

/** For each minute of [from, to): whether resources should run. Both are whole minutes, in milliseconds. */
export function naiveRunning(schedule: RunningSchedule, from: number, to: number): boolean[] {
  const margin = 3 * 24 * 60;
  const start = from - margin * minute;
  const count = (to - from) / minute + 2 * margin;
  const shown = Array.from({ length: count }, (_, index) => shownAt(schedule.timeZone, start + index * minute));
  const running = Array.from({ length: count }, () => false);

  const dates = new Map<number, number[]>();
  shown.forEach((wall, index) => {
    const date = Math.floor(wall / 1_440);
    const minutes = dates.get(date);
    if (minutes) minutes.push(index);
    else dates.set(date, [index]);
  });
  for (const [date, minutes] of dates) {
    const midnight = new Date(date * 1_440 * minute);
    if (schedule.exceptions.includes(midnight.toISOString().slice(0, 10))) continue;
    for (const window of schedule.windows) {
      if (!window.days.includes(midnight.getUTCDay() || 7)) continue;
      const first = minutes.find((index) => shown[index]! - date * 1_440 >= window.from);
      const last = minutes.findLast((index) => shown[index]! - date * 1_440 < window.to);
      if (first !== undefined && last !== undefined) running.fill(true, first, Math.max(first, last + 1));
    }
  }
  for (const once of schedule.once) {
    const [opens, closes] = [Date.parse(`${once.from}Z`) / minute, Date.parse(`${once.to}Z`) / minute];
    const first = shown.findIndex((wall) => wall >= opens);
    const last = shown.findLastIndex((wall) => wall < closes);
    if (first >= 0 && last >= 0) running.fill(once.running, first, Math.max(first, last + 1));
  }
  return running.slice(margin, margin + (to - from) / minute);
}
