// Decides whether a running resource may be stopped now, by its activity and the schedule's policy. A resource in use
// is postponed for a bounded time. One whose activity can't be read is stopped only if the policy says so.
import type { Activity } from '../../aws/activity.ts';
import { formatWallTime } from '../calendar/format-wall-time.ts';
import type { RunningSchedule } from '../schedule.ts';
import type { Postponed } from '../managed-resource.ts';

/** Stop it, or postpone it until the next look. */
type StopDecision = { readonly go: true } | { readonly go: false; readonly postponed: Postponed };

/** Time to the next look: a quarter of the time waited so far, within these bounds; milliseconds. */
const soonest = 2 * 60_000;
const latest = 10 * 60_000;

/** Whether it is too early for the next look. */
export function isPostponed(postponed: Postponed | undefined, now: number): boolean {
  return postponed !== undefined && now < (postponed.leftUntil ?? postponed.nextLook);
}

/** `boundary`: the calendar's next change, in milliseconds. */
export function decideStop(
  activity: Activity,
  was: Postponed | undefined,
  { stopPolicy, timeZone }: Pick<RunningSchedule, 'stopPolicy' | 'timeZone'>,
  now: number,
  boundary: number | undefined,
): StopDecision {
  if (activity.activity === 'idle') return { go: true };
  // Time in which the activity couldn't be read doesn't count against the users of the resource.
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
