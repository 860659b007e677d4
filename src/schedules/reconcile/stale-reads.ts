// Decides whether to believe a list that contradicts a job of the schedule that just succeeded. AWS's lists may be
// minutes old, and the next one may be older still. Pure.
import { formatWallTime } from '../calendar/format-wall-time.ts';
import type { ManualChange, Done, ManagedResource, Task } from '../managed-resource.ts';

/** No list is older than this; milliseconds. */
const staleness = 5 * 60_000;
/** Two looks closer than this count as one, because a tick can follow another within a second; milliseconds. */
const apart = 30_000;

/** Whether the last task is undone, or only doubted, now that the resource was seen as `managed` after `was`. */
export function weighStaleRead(
  was: ManagedResource,
  managed: ManagedResource,
  at: number,
): Pick<ManagedResource, 'done' | 'doubt'> {
  const { done, condition, task } = managed;
  if (done === undefined) return {};
  // A task under way explains the state that is seen.
  if (done.isUndone || task) return { done };
  const isFresh = at - done.at < staleness;
  if (condition === done.goal) return { done: isFresh ? { ...done, isShown: true } : done };
  if (changeBetween(done.goal, condition) === undefined) return { done };
  const undone = { done: { ...done, isUndone: true } as const };
  // Moving away from the goal can't be older than the job, so the list is believed.
  if (isMoving(condition)) return undone;
  const isShown = done.isShown ?? was.condition === done.goal;
  const { since, restartsAt } = was.doubt ?? { since: at, restartsAt: was.restartsAt };
  // One list that shows the goal and one that doesn't may differ in age, so a second look is needed.
  if (!isFresh || (isShown && at - since >= apart)) return undone;
  return {
    done: isShown ? { ...done, isShown } : done,
    doubt: { since, ...(restartsAt === undefined ? {} : { restartsAt }) },
  };
}

/** What was done between `before` and `now`, if one of them is running and the other stopped. */
export function changeBetween(
  before: ManagedResource['condition'] | Task['goal'],
  now: ManagedResource['condition'],
): ManualChange['did'] | undefined {
  if (isAsleep(before) && isAwake(now)) return 'started';
  return isAwake(before) && isAsleep(now) ? 'stopped' : undefined;
}

export function isMoving(condition: ManagedResource['condition']): boolean {
  return condition === 'starting' || condition === 'stopping';
}

function isAsleep(condition: ManagedResource['condition'] | Task['goal']): boolean {
  return condition === 'stopped' || condition === 'stopping';
}

function isAwake(condition: ManagedResource['condition'] | Task['goal']): boolean {
  return condition === 'starting' || condition === 'running' || condition === 'changing';
}

export function explainStaleRead({ goal, at }: Done, timeZone: string): string {
  const what = `${goal === 'running' ? 'started' : 'stopped'} at ${formatWallTime(at, timeZone)}`;
  return `${what}; AWS’s lists may still be behind: looked at again until ${formatWallTime(at + staleness, timeZone)}`;
}
