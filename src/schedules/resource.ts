// One resource in one tick: which schedule decides about it, what its new sight means, what is to be done, and what is
// remembered. Its trouble stays its own.
import type { Sighting } from '../aws/estate.ts';
import type { JobRecord } from '../records/job.ts';
import type { Calendar } from './calendar.ts';
import { decide, snapshotTurn } from './decide.ts';
import type { KeepOn, Pause } from './exceptions.ts';
import { appliesTo, governing } from './governing.ts';
import { withHand } from './hands.ts';
import { judge } from './judge.ts';
import { spanChange } from './ledger.ts';
import { type Look, isAnother, observe, observeGone } from './observe.ts';
import { type Pen, forget, put } from './pen.ts';
import type { RunningSchedule, SchedulePlan } from './schedule.ts';
import type { Shelf } from './shelf.ts';
import { type Sleeper, type StoredSleeper, resourceOf } from './sleeper.ts';
import { follow, takeBack } from './tasks.ts';
import type { Estate, SchedulesWorld } from './world.ts';

/** The same for every resource of one tick. */
export interface Tick {
  readonly world: SchedulesWorld;
  calendarOf(schedule: RunningSchedule): Calendar;
  readonly plan: SchedulePlan;
  readonly schedules: readonly RunningSchedule[];
  readonly keepOns: ReadonlyMap<string, KeepOn>;
  readonly pauses: ReadonlyMap<string, Pause>;
  readonly held: ReadonlySet<string>;
}

const keptWhenGone = 7 * 86_400_000;

/** A sight of a resource with the schedule that decides about it. */
export interface Prepared {
  readonly seen: Sighting;
  readonly stored: StoredSleeper | undefined;
  readonly schedule: RunningSchedule | undefined;
  readonly contradiction: readonly string[];
  readonly calendar: Calendar | undefined;
  /** Whether any schedule has to do with it, or might once its tags are others. */
  readonly isKept: boolean;
}

export function prepare({ plan, schedules, calendarOf }: Tick, shelf: Shelf, seen: Sighting, byTag: boolean): Prepared {
  const stored = shelf.sleepers.get(resourceOf(shelf.target, seen));
  // Of one that was made anew under an old name the old tags say nothing.
  const knownTags = stored && !isAnother(stored.value, seen) ? stored.value.tags : undefined;
  const tags = shelf.newTags.get(seen.id) ?? knownTags;
  const known = { ...seen, target: shelf.target, ...(tags ? { tags } : {}) };
  const found = governing(schedules, known);
  // Where tags decide, everything is remembered: or tags would be read again each time, and a resource whose turn to be
  // read comes later would look as if it had just been made.
  const isKept = byTag || plan.schedules.some((each) => appliesTo(each, known));
  const { schedule } = found;
  const contradiction = 'contradiction' in found ? found.contradiction : [];
  return { seen, stored, schedule, contradiction, calendar: schedule && calendarOf(schedule), isKept };
}

/** People wait for what starts; what is stopped may take its time. */
export function startsFirst(a: Prepared, b: Prepared): number {
  return Number(b.seen.condition === 'stopped') - Number(a.seen.condition === 'stopped');
}

/** Everything about one resource. Its trouble is logged and stays its own. */
export async function reconcileResource(
  tick: Tick,
  estate: Estate,
  shelf: Shelf,
  prepared: Prepared,
  jobs: ReadonlyMap<string, JobRecord>,
): Promise<void> {
  const { world, keepOns, pauses, held } = tick;
  const { seen, stored, schedule, calendar } = prepared;
  const { target, at, lastLook, gap, isRemeant } = shelf;
  if (!prepared.isKept && stored === undefined) return;
  const look: Look = { target, at, lastLook, gap, isRemeant, schedule: schedule?.name, calendar };
  const { sleeper: observed, spans } = observe(stored?.value, seen, look);
  const boundary = calendar?.nextChange(at)?.at;
  let pen: Pen = { stored, spans: spans.map(spanChange) };
  const { task } = observed;
  const job = task && jobs.get(task.job);
  if (!prepared.isKept && stored) {
    // Nobody follows it any more.
    await takeBack(world, observed, { should: 'left', job, remember: () => Promise.resolve(true) });
    return forget(world.store, shelf, stored, spans.map(spanChange));
  }
  const followed = follow(observed, job, at, boundary);
  let sleeper = withTags(withHand(stored?.value, followed, look), shelf, seen);
  const remember = async (value: Sleeper) => {
    const written = await put(world.store, shelf, pen, value);
    if (written) pen = { stored: written, spans: [] };
    // Kept where the answer to what is asked for is lost.
    if (written) sleeper = value;
    return written !== undefined;
  };
  try {
    if (schedule !== undefined) {
      const dueSince = calendar?.lastChange(at)?.at ?? 0;
      const isOfThisOne = stored !== undefined && !isAnother(stored.value, seen);
      if (task?.goal === 'snapshot' && job?.state === 'succeeded' && isOfThisOne)
        sleeper = { ...sleeper, snapshotFor: snapshotTurn(sleeper, dueSince) };
      const judgement = judge(sleeper, {
        now: at,
        schedule,
        calendar,
        keepOn: keepOns.get(sleeper.resource),
        pause: pauses.get(schedule.name),
      });
      const isHeld = held.has('all') || held.has(target);
      sleeper = await decide(world, estate, {
        sleeper,
        seen,
        schedule,
        judgement,
        boundary,
        dueSince,
        job,
        held: isHeld,
        now: at,
        askedSince: task?.job === '' ? task.at : undefined,
        remember,
      });
    } else sleeper = await takeBack(world, sleeper, { should: 'left', job, remember });
  } catch (error) {
    world.log.error({ resource: sleeper.resource, err: error as Error }, 'a resource could not be reconciled');
  }
  await put(world.store, shelf, pen, sleeper);
}

function withTags(sleeper: Sleeper, { newTags, at }: Shelf, { id }: Sighting): Sleeper {
  const tags = newTags.get(id);
  return tags === undefined ? sleeper : { ...sleeper, tags, tagsReadAt: at };
}

/** One that is gone is kept for a week, for people will ask. */
export async function forgetOrKeep(tick: Tick, shelf: Shelf, stored: StoredSleeper): Promise<void> {
  const { value: was } = stored;
  const { at, target, lastLook, gap, isRemeant } = shelf;
  if (was.condition === 'gone') {
    if (at - was.since > keptWhenGone) await forget(tick.world.store, shelf, stored);
    return;
  }
  const look: Look = { target, at, lastLook, gap, isRemeant, schedule: was.schedule, calendar: undefined };
  const { sleeper, spans } = observeGone(was, look);
  await put(tick.world.store, shelf, { stored, spans: spans.map(spanChange) }, sleeper);
}
