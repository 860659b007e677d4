// Cron on the days on which clocks change: a nightly job fires once a night, an hourly one once an hour.
import { describe, expect, it } from 'vitest';
import { firesOf, whyNotCron } from '../../../src/schedules/calendar/cron.ts';

const day = 86_400_000;
const instant = (text: string) => Date.parse(text);
const utc = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString().slice(0, 16));

/** All fires in (from, to], forwards; and asserts that the way back, and all in one go, are the same. */
function fires(cron: string, timeZone: string, from: string, to: string): (string | undefined)[] {
  const { nextFire, lastFire, firesAfter } = firesOf({ cron, timeZone });
  const forwards: number[] = [];
  for (let at = nextFire(instant(from)); at !== undefined && at <= instant(to); at = nextFire(at)) forwards.push(at);
  const back: number[] = [];
  for (let at = lastFire(instant(to)); at !== undefined && at > instant(from); at = lastFire(at - 1)) back.unshift(at);
  expect(back).toEqual(forwards);
  const inOneGo: number[] = [];
  for (const at of firesAfter(instant(from))) {
    if (at > instant(to)) break;
    inOneGo.push(at);
  }
  expect(inOneGo).toEqual(forwards);
  return forwards.map(utc);
}

describe('a cron schedule', () => {
  it.each([
    ['Europe/Berlin', '30 2 * * *', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:30']],
    ['Europe/Berlin', '30 2 * * *', '2026-10-24T12:00Z', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['America/Sao_Paulo', '0 0 * * *', '2018-11-03T12:00Z', ['2018-11-04T03:00', '2018-11-05T02:00']],
    ['America/Sao_Paulo', '30 23 * * *', '2018-02-17T12:00Z', ['2018-02-18T01:30', '2018-02-19T02:30']],
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-03T12:00Z', ['2026-10-03T15:30', '2026-10-04T15:15']],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04T12:00Z', ['2026-04-04T14:45', '2026-04-05T15:15']],
  ])('in %s fires %s once a night also when clocks change (after %s)', (timeZone, cron, from, expected) => {
    expect(fires(cron, timeZone, from, new Date(instant(from) + 2 * day).toISOString())).toEqual(expected);
  });

  it('fires once each local date of a year, and not on one that was skipped', () => {
    const berlin = fires('30 2 * * *', 'Europe/Berlin', '2025-12-31T12:00Z', '2026-12-31T12:00Z');
    expect(berlin).toHaveLength(365);
    const apia = fires('30 2 * * *', 'Pacific/Apia', '2010-12-31T23:00Z', '2011-12-31T23:00Z');
    // From January 1 to January 1, without Friday December 30.
    expect(apia).toHaveLength(366 - 1);
  });

  it('fires every so often by the time that passes, where its hours are a star', () => {
    expect(fires('30 * * * *', 'Europe/Berlin', '2026-10-24T23:00Z', '2026-10-25T03:00Z')).toHaveLength(4);
    expect(fires('30 * * * *', 'Europe/Berlin', '2026-03-28T23:00Z', '2026-03-29T03:00Z')).toHaveLength(4);
    expect(fires('*/15 * * * *', 'Europe/Berlin', '2026-03-28T23:00Z', '2026-03-29T03:00Z')).toHaveLength(16);
  });

  it('reads weekdays, names, steps and lists as cron does, and either of two restricted day fields', () => {
    const november = ['2026-11-01T00:00Z', '2026-11-30T23:59Z'] as const;
    const dates = (cron: string) => fires(cron, 'UTC', ...november).map((fire) => Number(fire?.slice(8, 10)));
    expect(dates('0 9 * * sun')).toEqual([1, 8, 15, 22, 29]);
    expect(dates('0 9 * * 7')).toEqual([1, 8, 15, 22, 29]);
    expect(dates('0 9 1,15 * *')).toEqual([1, 15]);
    expect(dates('0 9 13 * fri')).toEqual([6, 13, 20, 27]);
    expect(dates('0 9 */10 nov *')).toEqual([1, 11, 21]);
    expect(dates('0 9 * jan *')).toEqual([]);
  });

  it('knows no fire beyond 400 days', () => {
    const leap = firesOf({ cron: '0 0 29 2 *', timeZone: 'UTC' });
    expect(leap.nextFire(instant('2026-11-21T00:00Z'))).toBeUndefined();
    expect(leap.lastFire(instant('2026-11-21T00:00Z'))).toBeUndefined();
    expect(utc(leap.nextFire(instant('2027-11-21T00:00Z')))).toBe('2028-02-29T00:00');
    expect(leap.nextFire(instant('2028-02-29T00:00Z'))).toBeUndefined();
    expect(utc(leap.lastFire(instant('2028-02-29T00:00Z')))).toBe('2028-02-29T00:00');
  });
});

describe('the reading of a cron expression', () => {
  it.each(['30 2 * * *', '*/5 * * * *', '0 0 29 2 *', '0 9-17/2 * jan,jul mon-fri', '0 0 31 2,3 *', ' 0  0 1 * 7 '])(
    'takes “%s”',
    (cron) => expect(whyNotCron(cron)).toBeUndefined(),
  );

  it.each([
    ['0 30 2 * * *', 'has 6 fields, and needs five. Leave the seconds away.'],
    ['*/5 1', 'has 2 fields, and needs five.'],
    ['@daily', 'has one field, and needs five.'],
    ['0 0 30 2 *', 'never fires: there is no such date.'],
    ['0 0 31 4,6 *', 'never fires: there is no such date.'],
    ['0 0 L * *', 'has “L”'],
    ['0 H * * *', 'has “H”'],
    ['0 0 ? * 1#2', 'has “?”'],
    ['61 0 * * *', "can't be read"],
    ['0 0 * * xyz', "can't be read"],
    ['0 0 * */0 *', "can't be read"],
    ['0 9-5 * * *', "can't be read"],
  ])('refuses “%s”: %s', (cron, reason) => expect(whyNotCron(cron)).toContain(reason));
});
