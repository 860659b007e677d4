// Previews a schedule: when its resources run and stop, or when its operation runs. It knows no resources.
import { z } from 'zod';
import { calendarOf } from '../../schedules/calendar/calendar.ts';
import { formatWallTime } from '../../schedules/calendar/format-wall-time.ts';
import { firesOf } from '../../schedules/calendar/cron.ts';
import { day } from '../../schedules/calendar/wall-clock.ts';
import type { Schedule } from '../../schedules/schedule.ts';

/** More than this helps nobody, and would take long to work out. */
const mostFires = 500;

export const previewQuery = z.strictObject({
  days: z.coerce
    .number('a whole number')
    .int('a whole number')
    .min(1, 'at least 1')
    .max(400, 'at most 400')
    .default(14)
    .describe('How far to look ahead.'),
});

/** A time as an instant and on the wall clock of the schedule's zone. */
interface Moment {
  readonly at: string;
  readonly local: string;
}

export interface PreviewAnswer {
  readonly schedule: string;
  readonly timeZone: string;
  readonly from: string;
  readonly to: string;
  /** For a schedule with `running`: spans without gaps. Null for a cron schedule. */
  readonly spans: readonly { readonly from: Moment; readonly to: Moment; readonly running: boolean }[] | null;
  /** For a cron schedule: the times at which it fires. Null for others. */
  readonly fires: readonly Moment[] | null;
  /** Whether there are more fires in this time than are listed. */
  readonly more: boolean;
}

/** From a time (milliseconds), for some days. */
export function previewAnswer(schedule: Schedule, from: number, days: number): PreviewAnswer {
  const to = from + days * day;
  const { name, timeZone } = schedule;
  const moment = (at: number): Moment => ({ at: new Date(at).toISOString(), local: formatWallTime(at, timeZone) });
  const frame = { schedule: name, timeZone, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  if (schedule.kind === 'running') {
    const spans = calendarOf(schedule).spans(from, to);
    const told = spans.map((span) => ({ from: moment(span.from), to: moment(span.to), running: span.running }));
    return { ...frame, spans: told, fires: null, more: false };
  }
  const fires: Moment[] = [];
  for (const fire of firesOf(schedule).firesAfter(from)) {
    if (fire >= to) break;
    if (fires.length === mostFires) return { ...frame, spans: null, fires, more: true };
    fires.push(moment(fire));
  }
  return { ...frame, spans: null, fires, more: false };
}
