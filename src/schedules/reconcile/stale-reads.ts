// Whether a list is believed that contradicts what a job of the schedule's own has just brought about: it may be minutes
// old, and the next one may be older still. Pure.
import { formatWallTime } from '../calendar/format-wall-time.ts';
import type { ManualChange, Done, ManagedResource, Task } from '../managed-resource.ts';

/** No list is older than this, in milliseconds. */
const staleness = 5 * 60_000;
/** Looks nearer to each other than this count as one, for a tick can follow another within a second. */
const apart = 30_000;

/** What the last task's effect and the doubt about it are, once a resource was seen as `sleeper` after `was`. */
export function weighStaleRead(
  was: ManagedResource,
  managed: ManagedResource,
  at: number,
): Pick<ManagedResource, 'done' | 'doubt'> {
  const { done, condition, task } = managed;
  if (done === undefined) return {};
  // A task under way explains by itself what is seen.
  if (done.isUndone || task) return { done };
  const isFresh = at - done.at < staleness;
  if (condition === done.goal) return { done: isFresh ? { ...done, isShown: true } : done };
  if (changeBetween(done.goal, condition) === undefined) return { done };
  const undone = { done: { ...done, isUndone: true } as const };
  // On the way to the contrary it was at no time before the job's end.
  if (isMoving(condition)) return undone;
  const isShown = done.isShown ?? was.condition === done.goal;
  const { since, restartsAt } = was.doubt ?? { since: at, restartsAt: was.restartsAt };
  // One list that shows the goal and one that doesn't may be two of different age: it takes a second one.
  if (!isFresh || (isShown && at - since >= apart)) return undone;
  return {
    done: isShown ? { ...done, isShown } : done,
    doubt: { since, ...(restartsAt === undefined ? {} : { restartsAt }) },
  };
}

/** What must have been done, by whomever, for `before` to become `now`; nothing where both are awake or both asleep. */
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
