// Detects that a person started or stopped a resource: its state changed since the last boundary, and neither a job of
// the schedule nor AWS explains the change. Pure.
import { changeBetween, isMoving, weighStaleRead } from './stale-reads.ts';
import { type ResourceLook, isAnother } from './observe.ts';
import type { ManualChange, ManagedResource } from '../managed-resource.ts';

/**
 * Clocks differ, so AWS's own restart may show this long before its announced time. A job explains a change for up to
 * `ownEffect` after its end. Milliseconds.
 */
const tolerance = 10 * 60_000;
const ownEffect = 2 * 3_600_000;
const longTime = 400 * 86_400_000;

/**
 * Adds a manual change to `managed`, the resource as it was just seen with its task brought up to date. `was` is its
 * record from before.
 */
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
  const detected = now.doubt ? undefined : detectManualChange(was, now, look);
  const byHand = detected ?? (old && holds(old, now, look.at) ? old : undefined);
  return { ...now, ...(byHand ? { byHand } : {}) };
}

/**
 * A manual change holds until its time, unless a job or AWS reversed it. A list that may be older than a job doesn't
 * count as a reversal.
 */
function holds({ did, until }: ManualChange, { condition, task, doubt }: ManagedResource, at: number): boolean {
  if (until <= at) return false;
  return task !== undefined || doubt !== undefined || changeBetween(goalOf(did), condition) === undefined;
}

/**
 * A resource that appears while the service watches was created by a person just now. On the very first look nobody can
 * know.
 */
function isMadeNow({ at, lastLook, gap, isRemeant, calendar }: ResourceLook): boolean {
  return lastLook !== undefined && !gap && !isRemeant && calendar?.shouldRun(at) === false;
}

function detectManualChange(
  was: ManagedResource,
  { condition, task, done }: ManagedResource,
  look: ResourceLook,
): ManualChange | undefined {
  const { at, lastLook = at, calendar } = look;
  const hasEnded = done !== undefined && done.at !== was.done?.at;
  const restartsAt = (was.doubt ?? was).restartsAt;
  const isJobUndone = done?.isUndone && (was.doubt || hasEnded);
  // The job saw its goal reached, even if no list has shown it.
  const [before, since] = isJobUndone ? [done.goal, Math.min(done.at, lastLook)] : [was.condition, lastLook];
  const did = changeBetween(before, condition);
  if (did === undefined || calendar === undefined) return undefined;
  const goal = goalOf(did);
  if (was.task?.goal === goal) return undefined;
  // The resource rests in the state from before the job: the list is older than the job, or the job had no effect.
  const opposed = task ?? (hasEnded ? undefined : was.task);
  if (opposed && opposed.goal !== 'snapshot' && !isMoving(condition)) return undefined;
  if (done?.goal === goal && !done.isUndone && at - done.at < ownEffect) return undefined;
  if (did === 'started' && restartsAt !== undefined && at >= restartsAt - tolerance) return undefined;
  // The change may have happened before or after the boundary, so the schedule decides.
  if ((calendar.lastChange(at)?.at ?? 0) > since) return undefined;
  return byHandOf(did, look);
}

function byHandOf(did: ManualChange['did'], { at, calendar }: ResourceLook): ManualChange {
  return { did, seenAt: at, until: calendar?.nextChange(at)?.at ?? at + longTime };
}

function goalOf(did: ManualChange['did']): 'running' | 'stopped' {
  return did === 'started' ? 'running' : 'stopped';
}
