// Whether a person had a hand in what was seen: what changed neither by a job of the schedule's own nor by AWS, since the
// last boundary. Pure.
import { changeBetween, isMoving, weighStaleRead } from './stale-reads.ts';
import { type ResourceLook, isAnother } from './observe.ts';
import type { ManualChange, ManagedResource } from '../managed-resource.ts';

/** AWS's own restart is seen up to this long before its time, for clocks differ; and a job's effect this long after it. */
const tolerance = 10 * 60_000;
const ownEffect = 2 * 3_600_000;
const longTime = 400 * 86_400_000;

/** `sleeper` is as it was just seen, its task as its job is now; `was` is what was remembered before. */
export function withManualChange(
  was: ManagedResource | undefined,
  managed: ManagedResource,
  look: ResourceLook,
): ManagedResource {
  if (was === undefined || isAnother(was, { resourceUid: managed.madeAs })) {
    return isMadeNow(look) ? { ...managed, byHand: byHandOf('started', look) } : managed;
  }
  const { byHand: old, done: _done, doubt: _doubt, ...rest } = managed;
  const now: ManagedResource = { ...rest, ...weighStaleRead(was, managed, look.at) };
  const hand = now.doubt ? undefined : handOf(was, now, look);
  const byHand = hand ?? (old && holds(old, now, look.at) ? old : undefined);
  return { ...now, ...(byHand ? { byHand } : {}) };
}

/** Until its time, unless a job or AWS has undone it; a list that may be older than a job doesn't say so. */
function holds({ did, until }: ManualChange, { condition, task, doubt }: ManagedResource, at: number): boolean {
  if (until <= at) return false;
  return task !== undefined || doubt !== undefined || changeBetween(goalOf(did), condition) === undefined;
}

/** One that appears while the service is watching was made by a person just now; on the first look of all, nobody knows. */
function isMadeNow({ at, lastLook, gap, isRemeant, calendar }: ResourceLook): boolean {
  return lastLook !== undefined && !gap && !isRemeant && calendar?.shouldRun(at) === false;
}

function handOf(
  was: ManagedResource,
  { condition, task, done }: ManagedResource,
  look: ResourceLook,
): ManualChange | undefined {
  const { at, lastLook = at, calendar } = look;
  const hasEnded = done !== undefined && done.at !== was.done?.at;
  const restartsAt = (was.doubt ?? was).restartsAt;
  const isJobUndone = done?.isUndone && (was.doubt || hasEnded);
  // The job saw its goal, whatever the lists have shown.
  const [before, since] = isJobUndone ? [done.goal, Math.min(done.at, lastLook)] : [was.condition, lastLook];
  const did = changeBetween(before, condition);
  if (did === undefined || calendar === undefined) return undefined;
  const goal = goalOf(did);
  if (was.task?.goal === goal) return undefined;
  // At rest where it was before the job: a list from before it, or the job came to nothing.
  const opposed = task ?? (hasEnded ? undefined : was.task);
  if (opposed && opposed.goal !== 'snapshot' && !isMoving(condition)) return undefined;
  if (done?.goal === goal && !done.isUndone && at - done.at < ownEffect) return undefined;
  if (did === 'started' && restartsAt !== undefined && at >= restartsAt - tolerance) return undefined;
  // Nobody can tell on which side of a boundary it was done: the schedule decides.
  if ((calendar.lastChange(at)?.at ?? 0) > since) return undefined;
  return byHandOf(did, look);
}

function byHandOf(did: ManualChange['did'], { at, calendar }: ResourceLook): ManualChange {
  return { did, seenAt: at, until: calendar?.nextChange(at)?.at ?? at + longTime };
}

function goalOf(did: ManualChange['did']): 'running' | 'stopped' {
  return did === 'started' ? 'running' : 'stopped';
}
