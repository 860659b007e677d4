// Whether a running resource may be stopped now: looks if it is in use, and postpones by a bounded time. Never stops what
// it could not look at, unless the schedule says so.
import type { Activity } from '../../aws/activity.ts';
import { formatWallTime } from '../calendar/format-wall-time.ts';
import type { RunningSchedule } from '../schedule.ts';
import type { Postponed } from '../managed-resource.ts';

/** `go`: stop it. `wait`: remembered, with the time of the next look. */
type StopDecision = { readonly go: true } | { readonly go: false; readonly postponed: Postponed };

/** Between two looks: a quarter of the time waited so far, between these bounds; milliseconds. */
const soonest = 2 * 60_000;
const latest = 10 * 60_000;

/** Whether it is time to look at all. */
export function isPostponed(postponed: Postponed | undefined, now: number): boolean {
  return postponed !== undefined && now < (postponed.leftUntil ?? postponed.nextLook);
}

/** `boundary`: when the schedule says something else again, in milliseconds. */
export function decideStop(
  activity: Activity,
  was: Postponed | undefined,
  { stopPolicy, timeZone }: Pick<RunningSchedule, 'stopPolicy' | 'timeZone'>,
  now: number,
  boundary: number | undefined,
): StopDecision {
  if (activity.activity === 'idle') return { go: true };
  // Time in which it could not be read doesn't use up the time that is given to who uses it.
  const since = was?.isBusy === (activity.activity === 'busy') ? was.since : now;
  const nextLook = now + Math.min(latest, Math.max(soonest, (now - since) / 4));
  if (activity.activity === 'unknown') {
    if (stopPolicy.unknown === 'stop') return { go: true };
    const why = `whether it is in use can’t be read (${activity.what}); it is left running`;
    return { go: false, postponed: { since, nextLook, isBusy: false, why } };
  }
  const until = since + stopPolicy.postpone;
  if (now < until) {
    const why = `in use (${activity.what}); waits until ${formatWallTime(until, timeZone)}, then ${stopPolicy.afterwards === 'stop' ? 'stops it' : 'leaves it'}`;
    return { go: false, postponed: { since, nextLook: Math.min(nextLook, until), isBusy: true, why } };
  }
  if (stopPolicy.afterwards === 'stop') return { go: true };
  const why = `still in use (${activity.what}) when the time to wait was up; left running`;
  return {
    go: false,
    postponed: { since, nextLook, isBusy: true, why, ...(boundary === undefined ? {} : { leftUntil: boundary }) },
  };
}
