// Reads a schedule with `running`, and warns of times that the clocks will skip.
import { calendarOf, weekday } from '../calendar/calendar.ts';
import { daysOf, durationOf, isDate, minutesOf, timeText } from './parse-values.ts';
import { type Context, nearest } from './findings.ts';
import type { RunningEntry, WindowEntry } from './entry-schema.ts';
import { datePattern } from './schema-parts.ts';
import type { StopPolicy, OneOff, RunningSchedule, Window } from '../schedule.ts';
import { selectionsOf } from './selections.ts';
import { type Gap, day, gapsOf, lastBefore, minute, wallOf, wallText } from '../calendar/wall-clock.ts';
import type { Path } from './yaml-positions.ts';

/** How far ahead it warns of skipped times; milliseconds. */
const foresight = 2 * 366 * day;
const hour = 60 * minute;

/** Reads one entry. Adds everything that is wrong with it to the context's findings. */
export function readRunning(
  name: string,
  entry: RunningEntry,
  path: Path,
  timeZone: string,
  context: Context,
): RunningSchedule {
  const { findings } = context;
  const windows = windowsOf(entry.running, [...path, 'running'], context);
  const exceptions = exceptionsOf(entry.except ?? [], [...path, 'except'], context);
  const once = oneOffsOf(entry.once ?? [], [...path, 'once'], context);
  const schedule: RunningSchedule = {
    kind: 'running',
    name,
    ...(entry.description === undefined ? {} : { description: entry.description }),
    timeZone,
    windows: windows.map(({ window }) => window),
    exceptions,
    once,
    applies: selectionsOf(entry.applies, [...path, 'applies'], context),
    policy: entry.policy ?? 'enforce',
    priority: entry.priority ?? 0,
    stopPolicy: careOf(entry.stop, [...path, 'stop'], context),
    place: findings.yaml.keyPlaceOf(path),
  };
  if (!findings.hasErrors) warn(schedule, windows, path, context);
  return schedule;
}

interface Placed {
  readonly window: Window;
  readonly path: Path;
}

function windowsOf(running: RunningEntry['running'], path: Path, { findings }: Context): Placed[] {
  const placeOf = (at: Path) => findings.yaml.placeOf(at);
  if (running === 'never') return [];
  if (running === 'always') {
    return [{ window: { days: daysOf('daily'), from: 0, to: 1_440, place: placeOf(path) }, path }];
  }
  const entries: [WindowEntry, Path][] = Array.isArray(running)
    ? running.map((entry, index) => [entry, [...path, index]])
    : [[running, path]];
  return entries.map(([{ days, from, to }, at]) => {
    const window: Window = { days: daysOf(days), from: minutesOf(from), to: minutesOf(to), place: placeOf(at) };
    if (window.from === window.to) {
      findings.error(
        [...at, 'to'],
        `The window ends when it begins, at ${to}. For the whole day: from: "00:00", to: "24:00"`,
      );
    } else if (window.from > window.to) {
      const two = `two windows: from ${timeText(window.from)} to 24:00, and on the days after from 00:00 to ${timeText(window.to)}`;
      findings.error([...at, 'to'], `The window ends before it begins. One over midnight is written as ${two}.`);
    }
    return { window, path: at };
  });
}

function exceptionsOf(except: readonly string[], path: Path, { findings, holidays, now }: Context): string[] {
  const names = Object.keys(holidays);
  const dates = except.flatMap((word, index) => {
    const at = [...path, index];
    if (datePattern.test(word)) {
      if (!isDate(word)) findings.error(at, noSuchDate(word));
      return [word];
    }
    const list = Object.hasOwn(holidays, word) ? holidays[word] : undefined;
    if (list === undefined) {
      const meant = findings.isFull ? undefined : nearest(word, names);
      const help = meant ? `Did you mean “${meant}”?` : `There are: ${names.slice(0, 20).join(', ') || 'none'}.`;
      findings.error(at, `“${word}” is neither a date (2026-12-24) nor a list under holidays. ${help}`);
    }
    return list ?? [];
  });
  // Two days, so that the date is past in every time zone.
  if (dates.length > 0 && dates.every((date) => isDate(date) && wallOf(date) < now - 2 * day)) {
    findings.warningAtKey(path, 'All exceptions have passed. Add the ones to come, or take them out.');
  }
  return [...new Set(dates)].toSorted();
}

/** The message for a date that doesn't exist, also in the lists under `holidays`. */
export function noSuchDate(text: string): string {
  return `There is no ${text.slice(0, 10)}. A date is year-month-day. Example: 2026-12-25`;
}

function oneOffsOf(entries: NonNullable<RunningEntry['once']>, path: Path, { findings, now }: Context): OneOff[] {
  const all = entries.map(({ from, to, running }, index): OneOff => {
    const at = [...path, index];
    const [begin, end] = [from.replace(' ', 'T'), to.replace(' ', 'T')];
    if (!isDate(begin)) findings.error([...at, 'from'], noSuchDate(from));
    if (!isDate(end)) findings.error([...at, 'to'], noSuchDate(to));
    if (isDate(begin) && isDate(end) && begin >= end) {
      findings.error(
        [...at, 'to'],
        `The one-off ends before it has begun, at ${from}. Example: from: 2026-12-12 08:00, to: 2026-12-12 18:00`,
      );
    }
    return { from: begin, to: end, running, place: findings.yaml.placeOf(at) };
  });
  if (all.length > 0 && all.every(({ to }) => wallOf(to) < now - day)) {
    findings.warningAtKey(path, 'All one-offs have passed. Take them out.');
  }
  return all;
}

function careOf(stop: RunningEntry['stop'], path: Path, { findings }: Context): StopPolicy {
  const busy = stop?.['when-busy'];
  const postpone = busy?.postpone === undefined ? hour : durationOf(busy.postpone);
  if (postpone > 24 * hour) {
    findings.error([...path, 'when-busy', 'postpone'], `“${busy?.postpone}” is too long: 24h at most. Example: 2h`);
  }
  return {
    postpone,
    afterwards: busy?.then ?? 'leave',
    unknown: stop?.['when-unknown'] ?? 'leave',
    snapshot: stop?.['snapshot-first'] ?? false,
  };
}

/** Warns of times that the clocks will skip. They aren't errors: a window then opens or closes when the gap ends. */
function warn(schedule: RunningSchedule, windows: readonly Placed[], path: Path, { findings, now }: Context): void {
  const { timeZone, once } = schedule;
  const gaps = gapsOf(timeZone, now, now + foresight);
  for (const { window, path: at } of windows) {
    for (const key of ['from', 'to'] as const) {
      const gap = gaps.find((gap) => opensIn(window, key, gap, schedule));
      if (gap) findings.warning([...at, key], skipped(timeZone, timeText(window[key]), gap, key));
    }
  }
  for (const [index, oneOff] of once.entries()) {
    for (const key of ['from', 'to'] as const) {
      const wall = wallOf(oneOff[key]);
      const at = lastBefore(timeZone, wall);
      const gap = gapsOf(timeZone, at - 2 * day, at + 2 * day).find((gap) => gap.wallFrom < wall && wall < gap.wallTo);
      if (gap) findings.warning([...path, 'once', index, key], skipped(timeZone, wallText(wall).slice(11), gap, key));
    }
  }
  const calendar = calendarOf(schedule);
  const isIdle = windows.length > 0 && !calendar.shouldRun(now) && calendar.nextChange(now) === undefined;
  if (isIdle)
    findings.warningAtKey(
      path,
      'Nothing of this schedule runs within the next 400 days. Look at its days and exceptions.',
    );
}

function opensIn(
  window: Window,
  key: 'from' | 'to',
  { wallFrom, wallTo }: Gap,
  { exceptions }: RunningSchedule,
): boolean {
  // A gap may begin on one date and end on the next.
  return [Math.floor(wallFrom / day), Math.floor(wallTo / day)].some((date) => {
    const wall = date * day + window[key] * minute;
    if (wall <= wallFrom || wall >= wallTo) return false;
    return window.days.includes(weekday(date)) && !exceptions.includes(wallText(date * day).slice(0, 10));
  });
}

function skipped(zone: string, time: string, { wallFrom, wallTo }: Gap, key: 'from' | 'to'): string {
  const [date, before, after] = [
    wallText(wallFrom).slice(0, 10),
    wallText(wallFrom).slice(11),
    wallText(wallTo).slice(11),
  ];
  const what = key === 'from' ? `It begins at ${after} then` : `It ends at ${before} then, which is ${after}`;
  return `On ${date} there is no ${time} in ${zone}: clocks go from ${before} to ${after}. ${what}. Nothing needs to be done if that suits you.`;
}
