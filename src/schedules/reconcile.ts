// One tick: compares what should be with what is, for every resource at once, and asks for the jobs that are missing. Level,
// not edge: a tick that was missed, doubled or cut short changes nothing about where things end.
import pMap from 'p-map';
import { isDeepStrictEqual } from 'node:util';
import type { Sighting } from '../aws/estate.ts';
import { holds } from '../queue/hold.ts';
import { type JobRecord, digestOf, keyOf } from '../records/job.ts';
import type { Change, Stored } from '../records/store.ts';
import { type Calendar, calendarOf } from './calendar.ts';
import { decide, snapshotTurn } from './decide.ts';
import { type KeepOn, type Pause, readKeepOns, readPauses } from './exceptions.ts';
import { appliesTo, governing, needsTags, runningSchedules } from './governing.ts';
import { judge } from './judge.ts';
import { spanChange } from './ledger.ts';
import { type Look, observe, observeGone } from './observe.ts';
import { runCrons } from './cron-runs.ts';
import { type RunningSchedule, type SchedulePlan, type SleeperKind, sleeperKinds } from './schedule.ts';
import { type Shelf, type Sight, dropShelf, openShelf, recordLook, reportBlind, sightKey } from './shelf.ts';
import { type Sleeper, type StoredSleeper, resourceOf, sleeperIndexes, sleeperKey } from './sleeper.ts';
import { refreshTags } from './tags.ts';
import { follow } from './tasks.ts';
import type { Estate, SchedulesWorld } from './world.ts';

/** What one process keeps between ticks; always right to throw away. */
export interface Memory {
  plan?: SchedulePlan;
  /** A digest of what the plan means. */
  meaning: string;
  readonly calendars: Map<string, Calendar>;
  readonly shelves: Map<string, Shelf>;
}

export function createMemory(): Memory {
  return { meaning: '', calendars: new Map(), shelves: new Map() };
}

/** The same for every resource of one tick. */
interface Tick {
  readonly world: SchedulesWorld;
  readonly memory: Memory;
  readonly plan: SchedulePlan;
  readonly schedules: readonly RunningSchedule[];
  readonly keepOns: ReadonlyMap<string, KeepOn>;
  readonly pauses: ReadonlyMap<string, Pause>;
  readonly held: ReadonlySet<string>;
}

const keptWhenGone = 7 * 86_400_000;

/** How many resources are decided about side by side: one that hangs never holds up the others. */
const sideBySide = 16;

/** Rejects only when the store can't be reached; what is wrong with a resource or an API stays there. */
export async function reconcile(world: SchedulesWorld, memory: Memory): Promise<void> {
  const plan = world.plan();
  if (plan === undefined) return;
  if (memory.plan !== plan) {
    memory.plan = plan;
    memory.meaning = meaningOf(plan);
    memory.calendars.clear();
  }
  const [keepOns, pauses, brakes] = await Promise.all([
    readKeepOns(world.store),
    readPauses(world.store),
    holds(world.store),
  ]);
  const held = new Set(brakes.map(({ target }) => target));
  const schedules = runningSchedules(plan.schedules);
  const tick: Tick = { world, memory, plan, schedules, keepOns, pauses, held };
  const looks = world.targets.flatMap(({ name }) => sleeperKinds.map((kind) => ({ target: name, kind })));
  const wanted = looks.filter(({ target, kind }) => isWanted(plan, target, kind));
  await forgetKinds(tick, looks);
  await Promise.all(wanted.map(({ target, kind }) => reconcileKind(tick, target, kind)));
  await runCrons(world, plan, pauses, held);
}

function meaningOf({ schedules }: SchedulePlan): string {
  return digestOf(schedules.map(({ name, applies }) => [name, ...applies.map(({ place: _place, ...meant }) => meant)]));
}

/** Kinds that no schedule means any more. */
async function forgetKinds(
  { world: { store }, memory, plan }: Tick,
  looks: readonly { readonly target: string; readonly kind: SleeperKind }[],
): Promise<void> {
  const over = looks.filter(({ target, kind }) => !isWanted(plan, target, kind));
  if (over.length === 0) return;
  const { records } = await store.read(over.map(({ target, kind }) => sightKey(target, kind)));
  for (const sight of records) if (sight) await dropShelf(store, memory.shelves, sight as Stored<Sight>);
}

function isWanted({ schedules }: SchedulePlan, target: string, kind: SleeperKind): boolean {
  return schedules.some(({ applies }) => applies.some((each) => each.target === target && each.kind === kind));
}

async function reconcileKind(tick: Tick, target: string, kind: SleeperKind): Promise<void> {
  const { world, memory, plan } = tick;
  const estate = world.estateOf(target);
  if (estate === undefined) return;
  let seen: readonly Sighting[];
  try {
    seen = await estate.look(kind);
  } catch (error) {
    world.log.warn({ target, kind, reason: (error as Error).message }, 'schedules can not look');
    return reportBlind(world.store, target, kind, error as Error);
  }
  const { meaning } = memory;
  const shelf = await openShelf(world, memory.shelves, { target, kind, meaning });
  const byTag = needsTags(plan.schedules, target, kind);
  if (byTag) await refreshTags(world, estate, shelf, seen);
  const jobs = await jobsOf(world, shelf);
  const present = new Set(seen.map((sighting) => resourceOf(target, sighting)));
  const missing = [...shelf.sleepers.values()].filter(({ value }) => !present.has(value.resource));
  await pMap(missing, (stored) => forgetOrKeep(tick, shelf, stored), { concurrency: sideBySide });
  const inOrder = seen.map((sighting) => prepare(tick, shelf, sighting, byTag)).sort(startsFirst);
  await pMap(inOrder, (prepared) => one(tick, estate, shelf, prepared, jobs), { concurrency: sideBySide });
  await recordLook(world.store, shelf, meaning);
}

/** A sight of a resource with the schedule that decides about it. */
interface Prepared {
  readonly seen: Sighting;
  readonly stored: StoredSleeper | undefined;
  readonly schedule: RunningSchedule | undefined;
  readonly contradiction: readonly string[];
  readonly calendar: Calendar | undefined;
  /** Whether any schedule has to do with it, or might once its tags are others. */
  readonly isKept: boolean;
}

function prepare({ plan, schedules, memory }: Tick, shelf: Shelf, seen: Sighting, byTag: boolean): Prepared {
  const stored = shelf.sleepers.get(resourceOf(shelf.target, seen));
  // Of one that was made anew under an old name the old tags say nothing.
  const knownTags = stored?.value.condition === 'gone' ? undefined : stored?.value.tags;
  const tags = shelf.newTags.get(seen.id) ?? knownTags;
  const known = { ...seen, target: shelf.target, ...(tags ? { tags } : {}) };
  const found = governing(schedules, known);
  // Where tags decide, everything is remembered: or tags would be read again each time, and a resource whose turn to be
  // read comes later would look as if it had just been made.
  const isKept = byTag || plan.schedules.some((each) => appliesTo(each, known));
  const { schedule } = found;
  const contradiction = 'contradiction' in found ? found.contradiction : [];
  return { seen, stored, schedule, contradiction, calendar: schedule && calendarFor(memory, schedule), isKept };
}

export function calendarFor(memory: Pick<Memory, 'calendars'>, schedule: RunningSchedule): Calendar {
  let calendar = memory.calendars.get(schedule.name);
  if (calendar === undefined) memory.calendars.set(schedule.name, (calendar = calendarOf(schedule)));
  return calendar;
}

/** People wait for what starts; what is stopped may take its time. */
function startsFirst(a: Prepared, b: Prepared): number {
  return Number(b.seen.condition === 'stopped') - Number(a.seen.condition === 'stopped');
}

/** Everything about one resource. Its trouble is logged and stays its own. */
async function one(
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
  if (!prepared.isKept && stored) return forget(world, shelf, stored, spans.map(spanChange));
  const boundary = calendar?.nextChange(at)?.at;
  let pen: Pen = { stored, spans: spans.map(spanChange) };
  let sleeper = withTags(observed, shelf, seen);
  try {
    if (schedule !== undefined) {
      const job = sleeper.task && jobs.get(sleeper.task.job);
      const { task } = sleeper;
      const dueSince = calendar?.lastChange(at)?.at ?? 0;
      sleeper = follow(sleeper, job, at, boundary);
      if (task?.goal === 'snapshot' && job?.state === 'succeeded')
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
        async remember(value) {
          const written = await put(world, shelf, pen, value);
          if (written) pen = { stored: written, spans: [] };
          // Kept where the answer to what is asked for is lost.
          if (written) sleeper = value;
          return written !== undefined;
        },
      });
    }
  } catch (error) {
    world.log.error({ resource: sleeper.resource, err: error as Error }, 'a resource could not be reconciled');
  }
  await put(world, shelf, pen, sleeper);
}

function withTags(sleeper: Sleeper, { newTags, at }: Shelf, { id }: Sighting): Sleeper {
  const tags = newTags.get(id);
  return tags === undefined ? sleeper : { ...sleeper, tags, tagsReadAt: at };
}

/** One that is gone is kept for a week, for people will ask. */
async function forgetOrKeep(tick: Tick, shelf: Shelf, stored: StoredSleeper): Promise<void> {
  const { value: was } = stored;
  const { at, target, lastLook, gap, isRemeant } = shelf;
  if (was.condition === 'gone') {
    if (at - was.since > keptWhenGone) await forget(tick.world, shelf, stored);
    return;
  }
  const look: Look = { target, at, lastLook, gap, isRemeant, schedule: was.schedule, calendar: undefined };
  const { sleeper, spans } = observeGone(was, look);
  await put(tick.world, shelf, { stored, spans: spans.map(spanChange) }, sleeper);
}

async function forget(
  { store }: SchedulesWorld,
  shelf: Shelf,
  stored: StoredSleeper,
  spans: readonly Change[] = [],
): Promise<void> {
  const { ok } = await store.commit([{ op: 'delete', was: stored }, ...spans]);
  if (ok) shelf.sleepers.delete(stored.value.resource);
  else shelf.isStale = true;
}

/** What a resource's next commit goes by: what was written last, and what must be written with it. */
interface Pen {
  readonly stored: StoredSleeper | undefined;
  readonly spans: readonly Change[];
}

/** Commits what changed. Refused, somebody else has written it: the whole shelf is read anew next time. */
async function put(
  { store }: SchedulesWorld,
  shelf: Shelf,
  { stored, spans }: Pen,
  value: Sleeper,
): Promise<StoredSleeper | undefined> {
  if (stored && spans.length === 0 && isDeepStrictEqual(stored.value, value)) return stored;
  const indexes = sleeperIndexes(value);
  const key = sleeperKey(value.resource);
  const own: Change = stored
    ? { op: 'replace', was: stored as Stored, value, indexes }
    : { op: 'create', key, value, indexes };
  const committed = await store.commit([own, ...spans]);
  if (!committed.ok) {
    shelf.isStale = true;
    return undefined;
  }
  const written = committed.written[0] as StoredSleeper;
  shelf.sleepers.set(value.resource, written);
  return written;
}

async function jobsOf({ store }: SchedulesWorld, shelf: Shelf): Promise<ReadonlyMap<string, JobRecord>> {
  const ids = [...shelf.sleepers.values()].flatMap(({ value }) => value.task?.job || []);
  const jobs = new Map<string, JobRecord>();
  for (let from = 0; from < ids.length; from += 500) {
    const { records } = await store.read(ids.slice(from, from + 500).map(keyOf.job));
    for (const record of records) if (record) jobs.set((record.value as JobRecord).id, record.value as JobRecord);
  }
  return jobs;
}
