// Windows on the clocks of many zones, against a second implementation and against dates that people wrote down.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarOf } from '../../../src/schedules/calendar/calendar.ts';
import type { RunningSchedule, Window } from '../../../src/schedules/schedule.ts';
import { naiveRunning } from './naive-calendar.ts';
import { everyDay, running, window } from '../running.ts';

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const instant = (text: string) => Date.parse(text);
const utc = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString().slice(0, 16));

/** Zones, a year in which each did something odd, and the days of it. */
const zones: readonly [zone: string, days: readonly string[]][] = [
  ['Europe/Berlin', ['2026-03-29', '2026-10-25']],
  ['America/New_York', ['2026-03-08', '2026-11-01']],
  ['Australia/Lord_Howe', ['2026-04-05', '2026-10-04']],
  ['Asia/Kathmandu', ['2026-06-01']],
  ['Pacific/Apia', ['2011-09-24', '2011-12-30']],
  ['Africa/Casablanca', ['2026-02-15', '2026-03-22']],
  ['America/Sao_Paulo', ['2018-02-18', '2018-11-04']],
  ['UTC', ['2026-02-28']],
];

/** Says the same thing minute by minute, in all four ways a calendar can be asked. */
function expectAsNaive(schedule: RunningSchedule, from: number, to: number) {
  const calendar = calendarOf(schedule);
  const minutes = naiveRunning(schedule, from, to);
  const asked = minutes.map((_, index) => calendar.shouldRun(from + index * minute));
  const wrong = minutes.findIndex((expected, index) => expected !== asked[index]);
  expect(wrong < 0 ? undefined : utc(from + wrong * minute), 'first wrong minute').toBeUndefined();

  const changes = minutes.flatMap((running, index) =>
    index > 0 && running !== minutes[index - 1] ? [{ at: from + index * minute, running }] : [],
  );
  const spans = calendar.spans(from, to);
  expect(spans.slice(1).map(({ from, running }) => ({ at: from, running }))).toEqual(changes);
  expect([spans[0]?.from, spans.at(-1)?.to]).toEqual([from, to]);
  for (const [index, change] of changes.entries()) {
    expect(calendar.lastChange(change.at)).toEqual(change);
    expect(calendar.lastChange(change.at - 1)?.at ?? 0).toBeLessThan(change.at);
    expect(calendar.nextChange(change.at - 1)).toEqual(change);
    if (changes[index + 1]) expect(calendar.nextChange(change.at)).toEqual(changes[index + 1]);
  }
}

const time = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 96 }).map((quarters) => quarters * 15) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1_440 }) },
  // Where clocks change.
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 210 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1_380, 1_410, 1_439, 1_440) },
);
const randomWindow: fc.Arbitrary<Window> = fc
  .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), time, time)
  .filter(([, a, b]) => a !== b)
  .map(([days, a, b]) => ({ days, from: Math.min(a, b), to: Math.max(a, b), place: { line: 1, column: 1 } }));

const randomCase = fc.constantFrom(...zones).chain(([zone, days]) => {
  const dayNear = fc
    .tuple(fc.constantFrom(...days), fc.integer({ min: -3, max: 3 }))
    .map(([date, more]) => new Date(instant(`${date}T00:00Z`) + more * day).toISOString().slice(0, 10));
  const wall = fc
    .tuple(
      dayNear,
      time.filter((at) => at < 1_440),
    )
    .map(([date, at]) => new Date(instant(`${date}T00:00Z`) + at * minute).toISOString().slice(0, 16));
  const once = fc
    .tuple(wall, wall, fc.boolean())
    .filter(([a, b]) => a !== b)
    .map(([a, b, running]): [string, string, boolean] => (a < b ? [a, b, running] : [b, a, running]));
  return fc
    .tuple(
      fc.array(randomWindow, { maxLength: 4 }),
      fc.array(dayNear, { maxLength: 2 }),
      fc.array(once, { maxLength: 3 }),
      dayNear,
      fc.integer({ min: 1, max: 4 }),
    )
    .map(([windows, exceptions, once, from, length]) => ({
      schedule: running(zone, windows, { exceptions, once }),
      from: instant(`${from}T00:00Z`) - 12 * hour,
      to: instant(`${from}T00:00Z`) + length * day,
    }));
});

describe('a calendar', () => {
  it('says what the rules say, for random schedules around the days on which clocks change', () => {
    fc.assert(
      fc.property(randomCase, ({ schedule, from, to }) => expectAsNaive(schedule, from, to)),
      { numRuns: 400 },
    );
  });

  it.each(zones)('says what the rules say for every minute of a year in %s', (zone, [day = '']) => {
    const year = Number(day.slice(0, 4));
    const schedule = running(
      zone,
      [window([1, 2, 3, 4, 5], '07:00', '19:00'), window(everyDay, '02:10', '02:50'), window([6, 7], '23:20', '24:00')],
      {
        exceptions: [`${year}-05-01`],
        once: [
          [`${year}-05-09T08:00`, `${year}-05-10T18:00`, true],
          [`${year}-05-09T12:00`, `${year}-05-09T13:00`, false],
        ],
      },
    );
    expectAsNaive(schedule, instant(`${year}-01-01T00:00Z`), instant(`${year + 1}-01-02T00:00Z`));
  });

  it.each([
    ['begins a window when the gap ends that swallowed its begin', '02:30', '05:00', '2026-03-29', '01:00', '03:00'],
    ['ends a window where the gap begins that swallowed its end', '01:00', '02:30', '2026-03-29', '00:00', '01:00'],
    ['begins a window with the first of two equal times', '02:30', '05:00', '2026-10-25', '00:30', '04:00'],
    ['ends a window with the second of two equal times', '01:00', '02:30', '2026-10-25', '23:00', '01:30'],
  ])('%s', (_, from, to, date, opens, closes) => {
    const calendar = calendarOf(running('Europe/Berlin', [window([7], from, to)]));
    const noon = instant(`${date}T12:00Z`);
    expect(utc(calendar.lastChange(noon)?.at)?.slice(11)).toBe(closes);
    expect(utc(calendar.lastChange(calendar.lastChange(noon)!.at - 1)?.at)?.slice(11)).toBe(opens);
  });

  it('opens no window that lies wholly in a gap, and none on a date that was skipped', () => {
    const inGap = calendarOf(running('Europe/Berlin', [window([7], '02:10', '02:50')]));
    expect(inGap.spans(instant('2026-03-29T00:00Z'), instant('2026-03-30T00:00Z'))).toHaveLength(1);
    // Samoa had no Friday the 30th.
    const skipped = calendarOf(running('Pacific/Apia', [window([5], '00:00', '24:00')]));
    expect(utc(skipped.nextChange(instant('2011-12-28T00:00Z'))?.at)).toBe('2012-01-05T10:00');
  });

  it('merges windows that touch, also over midnight, and tells of no change where nothing changes', () => {
    const night = calendarOf(
      running('UTC', [window([1], '22:00', '24:00'), window([2], '00:00', '03:00'), window([2], '03:00', '06:00')]),
    );
    const monday = instant('2026-11-23T00:00Z');
    expect(night.nextChange(monday)).toEqual({ at: monday + 22 * hour, running: true });
    expect(night.nextChange(monday + 22 * hour)).toEqual({ at: monday + 30 * hour, running: false });
  });

  it('knows no change where it always runs or never does, or beyond 400 days', () => {
    const now = instant('2026-11-21T12:00Z');
    const always = calendarOf(running('Europe/Berlin', [window(everyDay, '00:00', '24:00')]));
    expect([always.shouldRun(now), always.nextChange(now), always.lastChange(now)]).toEqual([
      true,
      undefined,
      undefined,
    ]);
    const never = calendarOf(running('Europe/Berlin', []));
    expect([never.shouldRun(now), never.nextChange(now), never.lastChange(now)]).toEqual([false, undefined, undefined]);
    const far = calendarOf(running('UTC', [], { once: [['2028-02-01T00:00', '2028-02-02T00:00', true]] }));
    expect(far.nextChange(instant('2028-02-01T00:00Z') - 401 * day)).toBeUndefined();
    expect(utc(far.nextChange(instant('2028-02-01T00:00Z') - 400 * day)?.at)).toBe('2028-02-01T00:00');
    expect(utc(far.lastChange(instant('2028-02-02T00:00Z') + 400 * day)?.at)).toBe('2028-02-02T00:00');
    expect(far.lastChange(instant('2028-02-02T00:00Z') + 401 * day)).toBeUndefined();
  });

  it('lets a later one-off win over an earlier one, and both over windows and exceptions', () => {
    const calendar = calendarOf(
      running('UTC', [window(everyDay, '08:00', '18:00')], {
        exceptions: ['2026-12-24'],
        once: [
          ['2026-12-24T06:00', '2026-12-24T20:00', true],
          ['2026-12-24T12:00', '2026-12-24T13:00', false],
        ],
      }),
    );
    const from = instant('2026-12-24T00:00Z');
    expect(calendar.spans(from, from + day).map(({ to, running }) => [utc(to)?.slice(11), running])).toEqual([
      ['06:00', false],
      ['12:00', true],
      ['13:00', false],
      ['20:00', true],
      ['00:00', false],
    ]);
  });

  it('answers a hundred thousand questions about moving minutes in less than a second', () => {
    const calendar = calendarOf(running('Europe/Berlin', [window([1, 2, 3, 4, 5], '07:00', '19:00')]));
    const start = process.cpuUsage().user;
    for (let at = instant('2026-01-01T00:00Z'), asked = 0; asked < 50_000; asked++, at += minute) {
      calendar.shouldRun(at);
      calendar.nextChange(at);
    }
    expect((process.cpuUsage().user - start) / 1_000).toBeLessThan(1_000);
  });
});
