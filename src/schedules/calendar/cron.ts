// Computes when a cron schedule fires. cron-parser only reads the five fields: its own search is wrong when clocks
// change. It fires twice or not at all in such a night, and its forward and backward results differ.
import { CronExpressionParser } from 'cron-parser';
import { horizon, weekday } from './calendar.ts';
import type { CronSchedule } from '../schedule.ts';
import { day, earliest, firstFrom, minute, stretchesOf, wallAt } from './wall-clock.ts';

/** All instants are milliseconds since 1970. */
interface Fires {
  /** The latest fire at or before `at`, within 400 days. */
  lastFire(at: number): number | undefined;
  /** The first fire strictly after `at`, within 400 days. */
  nextFire(at: number): number | undefined;
  /**
   * All fires strictly after `at`, within 400 days, in order. For many fires it is far quicker than repeated
   * `nextFire`.
   */
  firesAfter(at: number): Generator<number, void>;
}

/** The five fields, parsed. */
interface Fields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** The hour field begins with `*`: the schedule fires at an interval, not at a time of day. */
  readonly everyHour: boolean;
  matches(date: number): boolean;
}

const shape =
  /^(\*|[0-9]+(-[0-9]+)?|[a-z]{3}(-[a-z]{3})?)(\/[0-9]+)?(,(\*|[0-9]+(-[0-9]+)?|[a-z]{3}(-[a-z]{3})?)(\/[0-9]+)?)*$/i;

/** Why a text isn't a cron expression of five fields that fires on some day; `undefined` when it is one. */
export function whyNotCron(cron: string): string | undefined {
  const parts = cron.trim().split(/\s+/);
  if (parts.length !== 5) {
    const more = parts.length === 6 ? ' Leave the seconds away.' : '';
    return `has ${parts.length === 1 ? 'one field' : `${parts.length} fields`}, and needs five.${more}`;
  }
  const odd = parts.find((part) => !shape.test(part));
  if (odd !== undefined) return `has “${odd}”, which isn't a field of plain cron (numbers, names, * , - and /).`;
  try {
    const fields = fieldsOf(cron);
    // Eight years and a bit, because leap days are eight years apart around 1900 or 2100.
    const today = Math.floor(Date.now() / day);
    for (let date = today; date < today + 3_000; date++) if (fields.matches(date)) return undefined;
    return 'never fires: there is no such date.';
  } catch (error) {
    const reason = (error as Error).message;
    if (/explicit day of month/.test(reason)) return 'never fires: there is no such date.';
    return `can't be read: ${reason}.`;
  }
}

/** The fires of a schedule whose expression is valid. */
export function firesOf({ cron, timeZone }: Pick<CronSchedule, 'cron' | 'timeZone'>): Fires {
  const fields = fieldsOf(cron);
  const days = horizon / day + 2;

  function firesOn(date: number): number[] {
    if (!fields.matches(date)) return [];
    const near = stretchesOf(timeZone, (date - 2) * day, (date + 3) * day);
    // The zone skipped this date, as Samoa did in 2011.
    if (earliest(near, date * day, (date + 1) * day) === undefined) return [];
    const walls = fields.hours.flatMap((hour) => fields.minutes.map((at) => date * day + (hour * 60 + at) * minute));
    const fires = fields.everyHour
      ? // An interval: fires each time the clock shows the time, and not when the time is skipped.
        near.flatMap(({ from, to, offset }) => walls.map((wall) => wall - offset).filter((at) => at >= from && at < to))
      : // A time of day: fires once; if the time is skipped, when the gap ends.
        walls.map((wall) => firstFrom(timeZone, wall));
    return fires.sort((a, b) => a - b);
  }

  return {
    lastFire(at) {
      const today = Math.floor(wallAt(timeZone, at) / day) + 1;
      for (let date = today; date > today - days; date--) {
        const fire = firesOn(date).findLast((fire) => fire <= at);
        if (fire !== undefined) return fire >= at - horizon ? fire : undefined;
      }
      return undefined;
    },
    *firesAfter(at) {
      let last = at;
      const today = Math.floor(wallAt(timeZone, at) / day) - 1;
      for (let date = today; date < today + days + 1; date++) {
        for (const fire of firesOn(date)) {
          if (fire <= last || fire > at + horizon) continue;
          yield fire;
          last = fire;
        }
      }
    },
    nextFire(at) {
      // A time skipped at the end of a date fires on the next date, so yesterday has to be considered.
      const today = Math.floor(wallAt(timeZone, at) / day) - 1;
      for (let date = today; date < today + days + 1; date++) {
        const fire = firesOn(date).find((fire) => fire > at);
        if (fire !== undefined) return fire <= at + horizon ? fire : undefined;
      }
      return undefined;
    },
  };
}

function fieldsOf(cron: string): Fields {
  const [, hour = '', monthDay, , weekDay] = cron.trim().split(/\s+/);
  const { fields } = CronExpressionParser.parse(cron, { tz: 'UTC' });
  const [months, monthDays, weekDays] = [fields.month, fields.dayOfMonth, fields.dayOfWeek].map(
    ({ values }) => new Set(values.map((value) => Number(value))),
  ) as [Set<number>, Set<number>, Set<number>];
  return {
    minutes: fields.minute.values,
    hours: fields.hour.values,
    everyHour: hour.startsWith('*'),
    matches(date) {
      const at = new Date(date * day);
      if (!months.has(at.getUTCMonth() + 1)) return false;
      const [byMonth, byWeek] = [monthDays.has(at.getUTCDate()), weekDays.has(weekday(date) % 7)];
      // As in every cron: when both day fields are restricted, either one is enough.
      return monthDay !== '*' && weekDay !== '*' ? byMonth || byWeek : byMonth && byWeek;
    },
  };
}
