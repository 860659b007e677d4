// One tick: compares what should be with what is, for every resource at once, and asks for the jobs that are missing. Level,
// not edge: a tick that was missed, doubled or cut short changes nothing about where things end.
import pMap from 'p-map';
import type { Sighting } from '../aws/estate.ts';
import { holds } from '../queue/hold.ts';
import { type JobRecord, digestOf, keyOf } from '../records/job.ts';
import type { Stored } from '../records/store.ts';
import { type Calendar, calendarOf } from './calendar.ts';
import { runCrons } from './cron-runs.ts';
import { readKeepOns, readPauses } from './exceptions.ts';
import { needsTags, runningSchedules } from './governing.ts';
import { type Tick, forgetOrKeep, prepare, reconcileResource, startsFirst } from './resource.ts';
import { type RunningSchedule, type SchedulePlan, type SleeperKind, sleeperKinds } from './schedule.ts';
import { type Shelf, dropShelf, openShelf, recordLook, reportBlind, sightKey } from './shelf.ts';
import type { Sight } from './shelf.ts';
import { resourceOf } from './sleeper.ts';
import { refreshTags } from './tags.ts';
import type { SchedulesWorld } from './world.ts';

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
  const calendarFor = (schedule: RunningSchedule) => rememberedCalendar(memory, schedule);
  const tick: Tick = { world, plan, schedules, keepOns, pauses, held, calendarOf: calendarFor };
  const looks = world.targets.flatMap(({ name }) => sleeperKinds.map((kind) => ({ target: name, kind })));
  const wanted = looks.filter(({ target, kind }) => isWanted(plan, target, kind));
  await forgetKinds(tick, memory, looks);
  await Promise.all(wanted.map(({ target, kind }) => reconcileKind(tick, memory, target, kind)));
  await runCrons(world, plan, pauses, held);
}

function rememberedCalendar({ calendars }: Memory, schedule: RunningSchedule): Calendar {
  let calendar = calendars.get(schedule.name);
  if (calendar === undefined) calendars.set(schedule.name, (calendar = calendarOf(schedule)));
  return calendar;
}

function meaningOf({ schedules }: SchedulePlan): string {
  return digestOf(schedules.map(({ name, applies }) => [name, ...applies.map(({ place: _place, ...meant }) => meant)]));
}

/** Kinds that no schedule means any more. */
async function forgetKinds(
  { world: { store }, plan }: Tick,
  memory: Memory,
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

async function reconcileKind(tick: Tick, memory: Memory, target: string, kind: SleeperKind): Promise<void> {
  const { world, plan } = tick;
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
  await pMap(inOrder, (prepared) => reconcileResource(tick, estate, shelf, prepared, jobs), {
    concurrency: sideBySide,
  });
  await recordLook(world.store, shelf, meaning);
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
