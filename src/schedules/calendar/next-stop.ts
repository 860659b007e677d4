// Finds the next stop of a resource's schedule and the start that follows it, for a keep-on that skips this stop. It
// reads no clock.
import { ServiceError } from '../../errors.ts';
import { calendarOf } from './calendar.ts';
import { formatWallTime } from './format-wall-time.ts';
import type { KeepOn } from '../exceptions.ts';
import { runningSchedules } from '../governing-schedule.ts';
import type { SchedulePlan } from '../schedule.ts';

/**
 * From the next stop to the start behind it; milliseconds. For a resource that is kept on although its schedule says
 * stopped, the next stop is the end of that keep-on. Throws `invalid-request` when no stop is to come.
 */
export function nextStopOf(
  plan: SchedulePlan,
  now: number,
  { schedule: name, keepOn }: { readonly schedule?: string; readonly keepOn?: KeepOn },
): Pick<KeepOn, 'from' | 'until'> {
  const schedule = runningSchedules(plan.schedules).find((each) => each.name === name);
  const calendar = schedule && calendarOf(schedule);
  if (schedule === undefined || calendar === undefined)
    throw new ServiceError('resource-not-scheduled', 'No schedule decides about it.');
  const isKept = keepOn !== undefined && (keepOn.from ?? keepOn.since) <= now;
  if (isKept && !calendar.shouldRun(now)) {
    const start = calendar.nextChange(now);
    if (start) return { until: Math.max(start.at, keepOn.until) };
  }
  let stop = calendar.nextChange(now);
  if (stop?.running) stop = calendar.nextChange(stop.at);
  if (stop === undefined) throw new ServiceError('invalid-request', `${schedule.name} has no stop to come.`);
  const start = calendar.nextChange(stop.at);
  if (start) return { from: stop.at, until: start.at };
  throw new ServiceError(
    'invalid-request',
    `${schedule.name} stops at ${formatWallTime(stop.at, schedule.timeZone)} and says no next start: say until when.`,
  );
}
