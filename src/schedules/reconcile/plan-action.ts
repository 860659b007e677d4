// What to do about one resource now, after what should be was judged: ask for a job, take one back, or let it be. The story
// of one resource in one tick.
import { setTimeout as pause } from 'node:timers/promises';
import type { ObservedResource } from '../../aws/inventory.ts';
import type { JobRecord } from '../../records/job.ts';
import type { Activity } from '../../aws/activity.ts';
import { decideStop, isPostponed } from './stop-policy.ts';
import { explainStaleRead } from './stale-reads.ts';
import type { DesiredState } from '../desired-state.ts';
import type { RunningSchedule } from '../schedule.ts';
import type { ManagedResource, Task } from '../managed-resource.ts';
import { nextBackoff, isRefusal, requestFor, withdrawTask } from './scheduled-jobs.ts';
import type { Inventory, ScheduleDependencies } from '../dependencies.ts';

interface PlanContext {
  readonly managed: ManagedResource;
  readonly seen: ObservedResource;
  readonly schedule: RunningSchedule;
  readonly desired: DesiredState;
  /** The calendar's next change, in milliseconds. */
  readonly boundary: number | undefined;
  /** The calendar's last change, in milliseconds: the boundary at which a stop became due. */
  readonly dueSince: number;
  /** The job of the task, as it is now. */
  readonly job: JobRecord | undefined;
  /** When the job was first asked for, if the answer was lost; milliseconds. */
  readonly askedSince: number | undefined;
  readonly held: boolean;
  readonly now: number;
  /** Saves what is about to be asked for. Returns `false` when another process saved the resource meanwhile. */
  remember(managed: ManagedResource): Promise<boolean>;
}

/** What waits for a hold to be taken off. */
export const onHold = 'a hold is on';

/** How much earlier than the request a job's creation time may be, because clocks differ; milliseconds. */
const slack = 1_000;
/** The latest deadline of a job, from now; milliseconds. */
const longest = { stopped: 2 * 3_600_000, snapshot: 4 * 3_600_000 };

/** Returns the resource to save. Rejects only when the store can't be reached. */
export async function planAction(
  deps: ScheduleDependencies,
  inventory: Inventory,
  context: PlanContext,
): Promise<ManagedResource> {
  const { seen, desired, schedule, now } = context;
  const { should } = desired;
  const managed = tidy(context, should);
  if (managed.task) return withdrawTask(deps, managed, { ...context, should });
  if (should === 'left') return managed;
  if (context.held && should !== seen.condition) return { ...managed, waits: onHold };
  if (managed.setback && now < managed.setback.again) return managed;
  if (managed.doubt && managed.done?.goal === should)
    return { ...managed, waits: explainStaleRead(managed.done, schedule.timeZone) };
  const { condition, unsettled = '' } = seen;
  if (should === 'running' && (condition === 'stopped' || condition === 'recoverable'))
    return ask(deps, { ...context, managed }, 'running');
  const passing = whatPasses(seen, should);
  if (passing !== undefined) return { ...managed, waits: passing };
  if (should === 'running' || condition !== 'running') return managed;
  if (!seen.settled)
    return { ...managed, waits: ['not all of its instances are available', unsettled].filter(Boolean).join(': ') };
  return stopIfAllowed(deps, inventory, { ...context, managed });
}

/** Removes a postponement or a back-off that no longer matters. */
function tidy(
  { managed, seen: { condition }, dueSince }: PlanContext,
  should: DesiredState['should'],
): ManagedResource {
  const { postponed, setback, waits: _waits, ...rest } = managed;
  const reached = should === condition;
  const stopping = should === 'stopped' && condition !== 'stopped';
  const stillMatters = should === 'left' || setback?.goal === should;
  return {
    ...rest,
    ...(postponed && stopping && postponed.since >= dueSince ? { postponed } : {}),
    ...(setback && !reached && stillMatters ? { setback } : {}),
  };
}

/** Not yet as it should be, and nothing can be asked of it. */
function whatPasses({ condition, status }: ObservedResource, should: 'running' | 'stopped'): string | undefined {
  if (condition === 'recoverable') return `AWS can’t use its KMS key (${status}): give the key back within seven days`;
  const isMoving = condition === 'starting' || condition === 'stopping' || condition === 'changing';
  if (!isMoving) return undefined;
  const isOnTheWay = condition === (should === 'running' ? 'starting' : 'stopping');
  return isOnTheWay ? `its status is ${status}` : `its status is ${status}, which has to pass first`;
}

async function stopIfAllowed(
  deps: ScheduleDependencies,
  inventory: Inventory,
  context: PlanContext,
): Promise<ManagedResource> {
  const { seen, schedule, boundary, now, dueSince } = context;
  if (boundary !== undefined && boundary - now < deps.shortestSleepMs)
    return { ...context.managed, waits: 'it should run again too soon to be worth a stop' };
  if (isPostponed(context.managed.postponed, now)) return context.managed;
  const { postponed: was, ...managed } = context.managed;
  const decision = decideStop(await activityOf(deps, inventory, seen), was, schedule, now, boundary);
  if (!decision.go) return { ...managed, postponed: decision.postponed };
  const needsSnapshot = schedule.stopPolicy.snapshot && managed.snapshotFor !== snapshotTurn(managed, dueSince);
  return ask(deps, { ...context, managed }, needsSnapshot ? 'snapshot' : 'stopped');
}

/** A read that hangs or fails must not hold up other resources. */
async function activityOf(
  { activityMs = 30_000 }: ScheduleDependencies,
  inventory: Inventory,
  seen: ObservedResource,
): Promise<Activity> {
  const late: Activity = { activity: 'unknown', what: 'no answer in time' };
  try {
    return await Promise.race([inventory.activity(seen), pause(activityMs, late, { ref: false })]);
  } catch (error) {
    return { activity: 'unknown', what: (error as Error).message };
  }
}

async function ask(deps: ScheduleDependencies, context: PlanContext, goal: Task['goal']): Promise<ManagedResource> {
  const { managed, now, boundary, dueSince, askedSince: since = now } = context;
  // A stop that waited into the morning must not happen then.
  const until = (most: number) => new Date(Math.min(now + most, boundary ?? Infinity)).toISOString();
  const deadline = goal === 'running' ? {} : { deadline: until(longest[goal]) };
  try {
    // Saved before the request: otherwise, if this process ended now, the job's effect would look like a manual change.
    if (!(await context.remember({ ...managed, task: { goal, job: '', at: since } }))) return managed;
    const attempt = managed.setback?.count ?? 0;
    // The same key and name for each repetition of this attempt, so that only one snapshot is taken.
    const stamp = stampOf((snapshotTurn(managed, dueSince) || now) + attempt * 60_000);
    const key = { idempotencyKey: `${managed.resource}/${managed.firstSeen}/${stamp}` };
    const once = goal === 'snapshot' ? key : {};
    const by = `schedule:${context.schedule.name}`;
    const request = { ...requestFor(managed, goal, stamp), owner: 'schedules', by, ...once, ...deadline };
    const { job, how } = await deps.enqueue(request);
    deps.log.info(
      { job: job.id, operation: job.operation, resource: managed.resource, by: job.by, schedule: managed.schedule },
      'scheduled',
    );
    const isOthers = how === 'joined' && job.createdAt < since - slack;
    return { ...managed, task: { goal, job: job.id, at: now, ...(isOthers ? { isJoined: true } : {}) } };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // The job that has the resource now may bring it to the desired state.
    if (error.code === 'resource-busy') return { ...managed, waits: 'another job is changing it' };
    return { ...managed, setback: nextBackoff(managed.setback, goal, error.message, now) };
  }
}

/**
 * Identifies the stop that a snapshot is for, by a time. Every stop has its own, also a second one before the next
 * boundary.
 */
export function snapshotTurn({ done }: Pick<ManagedResource, 'done'>, dueSince: number): number {
  return done?.goal === 'stopped' ? Math.max(dueSince, done.at) : dueSince;
}

/** `202611271900`, in UTC. */
function stampOf(at: number): string {
  return new Date(at).toISOString().replace(/\D/g, '').slice(0, 12);
}
