// Reconciles one resource in one tick: merges the new look into its record, decides what to do, and saves the result. A
// failure stays with this resource.
import type { ObservedResource } from '../../aws/inventory.ts';
import type { JobRecord } from '../../records/job.ts';
import type { Calendar } from '../calendar/calendar.ts';
import { planAction, snapshotTurn } from './plan-action.ts';
import type { KeepOn, Pause } from '../exceptions.ts';
import { appliesTo, governing } from '../governing-schedule.ts';
import { isStuck, withWaiting } from './long-waits.ts';
import { withManualChange } from './manual-change.ts';
import { desiredState } from '../desired-state.ts';
import { spanChange } from '../ledger.ts';
import { type ResourceLook, isAnother, observe, observeGone } from './observe.ts';
import { type PendingWrite, deleteManagedResource, saveIfChanged } from './save-resource.ts';
import type { RunningSchedule, SchedulePlan } from '../schedule.ts';
import type { ResourceCache } from '../resource-cache.ts';
import { type ManagedResource, type StoredManagedResource, qualifiedName } from '../managed-resource.ts';
import { updateTask, withdrawTask } from './scheduled-jobs.ts';
import type { Inventory, ScheduleDependencies } from '../dependencies.ts';

/** The same for every resource of one tick. */
export interface Tick {
  readonly deps: ScheduleDependencies;
  calendarOf(schedule: RunningSchedule): Calendar;
  readonly plan: SchedulePlan;
  readonly schedules: readonly RunningSchedule[];
  readonly keepOns: ReadonlyMap<string, KeepOn>;
  readonly pauses: ReadonlyMap<string, Pause>;
  readonly held: ReadonlySet<string>;
}

const keptWhenGone = 7 * 86_400_000;

/** A resource as it was just listed, with the schedule that decides about it. */
interface Prepared {
  readonly seen: ObservedResource;
  readonly stored: StoredManagedResource | undefined;
  readonly schedule: RunningSchedule | undefined;
  readonly contradiction: readonly string[];
  readonly calendar: Calendar | undefined;
  /** Whether a schedule applies to the resource, or could once its tags are known. */
  readonly isKept: boolean;
}

export function prepare(
  { plan, schedules, calendarOf }: Tick,
  cache: ResourceCache,
  seen: ObservedResource,
  byTag: boolean,
): Prepared {
  const stored = cache.managedResources.get(qualifiedName(cache.target, seen));
  // The tags of a resource that was created anew under its old name are unknown.
  const knownTags = stored && !isAnother(stored.value, seen) ? stored.value.tags : undefined;
  const tags = cache.newTags.get(seen.id) ?? knownTags;
  const known = { ...seen, target: cache.target, ...(tags ? { tags } : {}) };
  const found = governing(schedules, known);
  // Where schedules select by tag, every resource is kept. Otherwise its tags would be read again each time, and a
  // resource whose tags are read later would look as if it had just been created.
  const isKept = byTag || plan.schedules.some((each) => appliesTo(each, known));
  const { schedule } = found;
  const contradiction = 'contradiction' in found ? found.contradiction : [];
  return { seen, stored, schedule, contradiction, calendar: schedule && calendarOf(schedule), isKept };
}

/** Starts go first, because people wait for them. */
export function startsFirst(a: Prepared, b: Prepared): number {
  return Number(b.seen.condition === 'stopped') - Number(a.seen.condition === 'stopped');
}

/** Reconciles one resource. A failure is logged and doesn't reach the caller. */
export async function reconcileResource(
  tick: Tick,
  inventory: Inventory,
  cache: ResourceCache,
  prepared: Prepared,
  jobs: ReadonlyMap<string, JobRecord>,
): Promise<void> {
  const { deps, keepOns, pauses, held } = tick;
  const { seen, stored, schedule, calendar } = prepared;
  const { target, at, lastLook, gap, isRemeant } = cache;
  if (!prepared.isKept && stored === undefined) return;
  const look: ResourceLook = { target, at, lastLook, gap, isRemeant, schedule: schedule?.name, calendar };
  const { managed: observed, spans } = observe(stored?.value, seen, look);
  const boundary = calendar?.nextChange(at)?.at;
  let pending: PendingWrite = { stored, spans: spans.map(spanChange) };
  const { task } = observed;
  const job = task && jobs.get(task.job);
  if (!prepared.isKept && stored) {
    // No schedule applies any more.
    await withdrawTask(deps, observed, { should: 'left', job, remember: () => Promise.resolve(true) });
    return deleteManagedResource(deps.store, cache, stored, spans.map(spanChange));
  }
  const followed = updateTask(observed, job, at, boundary);
  let managed = withTags(withManualChange(stored?.value, followed, look), cache, seen);
  const remember = async (value: ManagedResource) => {
    const written = await saveIfChanged(deps.store, cache, pending, value);
    if (written) pending = { stored: written, spans: [] };
    // The task must stay known if the answer to the request is lost.
    if (written) managed = value;
    return written !== undefined;
  };
  try {
    if (schedule !== undefined) {
      const dueSince = calendar?.lastChange(at)?.at ?? 0;
      const isOfThisOne = stored !== undefined && !isAnother(stored.value, seen);
      if (task?.goal === 'snapshot' && job?.state === 'succeeded' && isOfThisOne)
        managed = { ...managed, snapshotFor: snapshotTurn(managed, dueSince) };
      const desired = desiredState(managed, {
        now: at,
        schedule,
        calendar,
        keepOn: keepOns.get(managed.resource),
        pause: pauses.get(schedule.name),
      });
      const isHeld = held.has('all') || held.has(target);
      managed = await planAction(deps, inventory, {
        managed,
        seen,
        schedule,
        desired,
        boundary,
        dueSince,
        job,
        held: isHeld,
        now: at,
        askedSince: task?.job === '' ? task.at : undefined,
        remember,
      });
    } else {
      const { waits: _waits, ...free } = managed;
      managed = await withdrawTask(deps, free, { should: 'left', job, remember });
    }
  } catch (error) {
    deps.log.error({ resource: managed.resource, err: error as Error }, 'a resource could not be reconciled');
  }
  await saveIfChanged(deps.store, cache, pending, tellWaiting(deps, withWaiting(managed, at), at));
}

/** One line for each wait that is too long. */
function tellWaiting({ log }: ScheduleDependencies, managed: ManagedResource, at: number): ManagedResource {
  const { resource, schedule, waits, waiting } = managed;
  if (waiting === undefined || waiting.isTold || !isStuck(managed, at)) return managed;
  const since = new Date(waiting.since).toISOString();
  log.warn({ resource, schedule, waits, since }, 'a resource has waited for too long for its schedule');
  return { ...managed, waiting: { ...waiting, isTold: true } };
}

function withTags(managed: ManagedResource, { newTags, at }: ResourceCache, { id }: ObservedResource): ManagedResource {
  const tags = newTags.get(id);
  return tags === undefined ? managed : { ...managed, tags, tagsReadAt: at };
}

/** Marks a resource that a list no longer shows as gone. A week later its record is deleted. */
export async function forgetOrKeep(tick: Tick, cache: ResourceCache, stored: StoredManagedResource): Promise<void> {
  const { value: was } = stored;
  const { at, target, lastLook, gap, isRemeant } = cache;
  if (was.condition === 'gone') {
    if (at - was.since > keptWhenGone) await deleteManagedResource(tick.deps.store, cache, stored);
    return;
  }
  const look: ResourceLook = { target, at, lastLook, gap, isRemeant, schedule: was.schedule, calendar: undefined };
  const { managed, spans } = observeGone(was, look);
  await saveIfChanged(tick.deps.store, cache, { stored, spans: spans.map(spanChange) }, managed);
}
