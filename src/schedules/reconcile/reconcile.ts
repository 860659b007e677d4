// One tick: compares the desired state of every resource with its actual state and creates the missing jobs. It is
// level-triggered: a tick that was missed, repeated or cut short doesn't change the final state.
import pMap from 'p-map';
import type { ObservedResource } from '../../aws/inventory.ts';
import { holds } from '../../queue/hold.ts';
import { type JobRecord, digestOf, keyOf } from '../../records/job.ts';
import type { Stored } from '../../records/store.ts';
import { type Calendar, calendarOf } from '../calendar/calendar.ts';
import { runCrons } from './cron-runs.ts';
import { readKeepOns, readPauses } from '../exceptions.ts';
import { needsTags, runningSchedules } from '../governing-schedule.ts';
import { type Tick, forgetOrKeep, prepare, reconcileResource, startsFirst } from './reconcile-resource.ts';
import { type RunningSchedule, type SchedulePlan, type ResourceKind, resourceKinds } from '../schedule.ts';
import {
  type ResourceCache,
  dropResourceCache,
  openResourceCache,
  recordLook,
  recordLookFailure,
  lookRecordKey,
} from '../resource-cache.ts';
import type { LookRecord } from '../resource-cache.ts';
import { qualifiedName } from '../managed-resource.ts';
import { refreshTags } from './refresh-tags.ts';
import type { ScheduleDependencies } from '../dependencies.ts';

/** What one process caches between ticks. It can be thrown away at any time. */
interface Memory {
  plan?: SchedulePlan;
  /** A digest of the selections in the plan. */
  meaning: string;
  readonly calendars: Map<string, Calendar>;
  readonly caches: Map<string, ResourceCache>;
  /** Kinds in targets that are being reconciled; one that is slow is not begun anew meanwhile. */
  readonly underWay: Map<string, Promise<void>>;
}

export function createMemory(): Memory {
  return { meaning: '', calendars: new Map(), caches: new Map(), underWay: new Map() };
}

/** How many resources are reconciled at once, so that one that hangs doesn't hold up the others. */
const sideBySide = 16;

/** Rejects only when the store can't be reached. A failure of one resource or API affects only that one. */
export async function reconcile(deps: ScheduleDependencies, memory: Memory): Promise<void> {
  const plan = deps.plan();
  if (plan === undefined) return;
  if (memory.plan !== plan) {
    memory.plan = plan;
    memory.meaning = meaningOf(plan);
    memory.calendars.clear();
  }
  const [keepOns, pauses, brakes] = await Promise.all([
    readKeepOns(deps.store),
    readPauses(deps.store),
    holds(deps.store),
  ]);
  const held = new Set(brakes.map(({ target }) => target));
  const schedules = runningSchedules(plan.schedules);
  const calendarFor = (schedule: RunningSchedule) => rememberedCalendar(memory, schedule);
  const tick: Tick = { deps, plan, schedules, keepOns, pauses, held, calendarOf: calendarFor };
  const looks = deps.targets.flatMap(({ name }) => resourceKinds.map((kind) => ({ target: name, kind })));
  const wanted = looks.filter(({ target, kind }) => isWanted(plan, target, kind));
  await forgetKinds(tick, memory, looks);
  await reconcileAll(tick, memory, wanted);
  await runCrons(deps, plan, pauses, held);
}

interface Kind {
  readonly target: string;
  readonly kind: ResourceKind;
}

/** One target that is slow holds up neither the others nor the next tick: it goes on by itself. */
async function reconcileAll(tick: Tick, memory: Memory, wanted: readonly Kind[]): Promise<void> {
  const { log, looksMs = 30_000 } = tick.deps;
  const { underWay } = memory;
  const late = new Set<string>();
  const begin = ({ target, kind }: Kind): Promise<void> | undefined => {
    const key = lookRecordKey(target, kind);
    if (underWay.has(key)) return undefined;
    const going = reconcileKind(tick, memory, target, kind)
      .catch((error: Error) => {
        if (!late.has(key)) throw error;
        log.warn({ target, kind, reason: error.message }, 'a late look of the schedules came to nothing');
      })
      .finally(() => underWay.delete(key));
    underWay.set(key, going);
    return going;
  };
  const begun = Promise.all(wanted.map(begin));
  let timer: NodeJS.Timeout | undefined;
  const up = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, looksMs);
  });
  try {
    await Promise.race([begun, up]);
  } finally {
    clearTimeout(timer);
    for (const key of underWay.keys()) late.add(key);
  }
  if (underWay.size > 0) log.warn({ late: [...underWay.keys()] }, 'schedules look on; this tick does not wait for it');
}

function rememberedCalendar({ calendars }: Memory, schedule: RunningSchedule): Calendar {
  let calendar = calendars.get(schedule.name);
  if (calendar === undefined) calendars.set(schedule.name, (calendar = calendarOf(schedule)));
  return calendar;
}

function meaningOf({ schedules }: SchedulePlan): string {
  return digestOf(schedules.map(({ name, applies }) => [name, ...applies.map(({ place: _place, ...meant }) => meant)]));
}

/** Drops the kinds that no schedule selects any more. */
async function forgetKinds(
  { deps: { store }, plan }: Tick,
  memory: Memory,
  looks: readonly { readonly target: string; readonly kind: ResourceKind }[],
): Promise<void> {
  const over = looks.filter(({ target, kind }) => !isWanted(plan, target, kind));
  if (over.length === 0) return;
  const { records } = await store.read(over.map(({ target, kind }) => lookRecordKey(target, kind)));
  for (const lookRecord of records)
    if (lookRecord) await dropResourceCache(store, memory.caches, lookRecord as Stored<LookRecord>);
}

function isWanted({ schedules }: SchedulePlan, target: string, kind: ResourceKind): boolean {
  return schedules.some(({ applies }) => applies.some((each) => each.target === target && each.kind === kind));
}

async function reconcileKind(tick: Tick, memory: Memory, target: string, kind: ResourceKind): Promise<void> {
  const { deps, plan } = tick;
  const { meaning } = memory;
  const inventory = deps.inventoryOf(target);
  if (inventory === undefined) return;
  let seen: readonly ObservedResource[];
  try {
    seen = await inventory.look(kind);
  } catch (error) {
    deps.log.warn({ target, kind, reason: (error as Error).message }, 'schedules can not look');
    return recordLookFailure(deps.store, target, kind, error as Error);
  }
  const cache = await openResourceCache(deps, memory.caches, { target, kind, meaning });
  const byTag = needsTags(plan.schedules, target, kind);
  if (byTag) await refreshTags(deps, inventory, cache, seen);
  const jobs = await jobsOf(deps, cache);
  const present = new Set(seen.map((observed) => qualifiedName(target, observed)));
  const missing = [...cache.managedResources.values()].filter(({ value }) => !present.has(value.resource));
  await pMap(missing, (stored) => forgetOrKeep(tick, cache, stored), { concurrency: sideBySide });
  const inOrder = seen.map((observed) => prepare(tick, cache, observed, byTag)).sort(startsFirst);
  await pMap(inOrder, (prepared) => reconcileResource(tick, inventory, cache, prepared, jobs), {
    concurrency: sideBySide,
  });
  await recordLook(deps.store, cache, meaning);
}

async function jobsOf({ store }: ScheduleDependencies, cache: ResourceCache): Promise<ReadonlyMap<string, JobRecord>> {
  const ids = [...cache.managedResources.values()].flatMap(({ value }) => value.task?.job || []);
  const jobs = new Map<string, JobRecord>();
  for (let from = 0; from < ids.length; from += 500) {
    const { records } = await store.read(ids.slice(from, from + 500).map(keyOf.job));
    for (const record of records) if (record) jobs.set((record.value as JobRecord).id, record.value as JobRecord);
  }
  return jobs;
}
