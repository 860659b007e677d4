// Reads from the store everything people ask about schedules: what state each resource should be in, is in and will be
// in, and why. It uses the reconciler's own functions, so the page never contradicts what is done.
import type { Store, Stored } from '../../records/store.ts';
import { type Calendar, calendarOf } from '../calendar/calendar.ts';
import { firesOf } from '../calendar/cron.ts';
import { type CronState, cronKey } from '../reconcile/cron-runs.ts';
import { type KeepOn, type Pause, readKeepOns, readPauses } from '../exceptions.ts';
import { isStuck } from '../reconcile/long-waits.ts';
import { appliesTo, cronSchedules, governing, runningSchedules } from '../governing-schedule.ts';
import { desiredState } from '../desired-state.ts';
import type { Schedule, SchedulePlan } from '../schedule.ts';
import { allManagedResources, readLookRecords } from '../resource-cache.ts';
import type { ManagedResource } from '../managed-resource.ts';
import { unmatchedSelectors } from './unmatched-selectors.ts';

/** One resource under schedules. Times are milliseconds since 1970. */
export interface ResourceView {
  readonly resource: string;
  readonly target: string;
  readonly kind: ManagedResource['kind'];
  readonly id: string;
  readonly name: string;
  /** The schedule that decides. */
  readonly schedule?: string;
  /** The status that AWS reports. */
  readonly status: string;
  readonly condition: ManagedResource['condition'];
  readonly should: 'running' | 'stopped' | 'left';
  /** Why it should be so, in a sentence. */
  readonly why: string;
  /** What the schedule does now, or what it waits for; absent when all is as it should be. */
  readonly doing?: string;
  readonly job?: string;
  /** The calendar's next change. */
  readonly next?: { readonly at: number; readonly running: boolean };
  readonly keepOn?: KeepOn;
  readonly restartsAt?: number;
}

export interface ScheduleView {
  readonly schedule: Schedule;
  readonly pause?: Pause;
  /** The number of resources that it decides about, or that it runs its operation on. */
  readonly resources: number;
  /** The number of resources that it selects, also where another schedule decides. */
  readonly meant: number;
  readonly next?: { readonly at: number; readonly running?: boolean };
  /** Problems, as sentences: selectors that match nothing, runs that were refused. */
  readonly troubles: readonly string[];
}

export interface Overview {
  readonly at: number;
  /** The oldest of the last looks at these resources; absent where there are none. */
  readonly lookedAt?: number;
  readonly schedules: readonly ScheduleView[];
  readonly resources: readonly ResourceView[];
  /** The targets that can't be listed. */
  readonly troubles: readonly { readonly target: string; readonly what: string }[];
}

/** Leaves out resources that `sees` refuses. Troubles are found from all resources. */
export async function readOverview(
  store: Store,
  plan: SchedulePlan,
  sees: (managed: ManagedResource) => boolean = () => true,
): Promise<Overview> {
  const [keepOns, pauses, lookRecords] = await Promise.all([
    readKeepOns(store),
    readPauses(store),
    readLookRecords(store),
  ]);
  const crons = cronSchedules(plan.schedules);
  const { at, records } = await store.read(crons.map(({ name }) => cronKey(name)));
  const cronStates = new Map(
    crons.map(({ name }, index) => [name, (records[index] as Stored<CronState> | undefined)?.value]),
  );
  const managedResources: ManagedResource[] = [];
  for await (const { value } of allManagedResources(store)) managedResources.push(value);
  const meant = managedResources.filter((managed) => plan.schedules.some((schedule) => appliesTo(schedule, managed)));
  const calendars = new Map(runningSchedules(plan.schedules).map((each) => [each.name, calendarOf(each)]));
  const seen = meant.filter(sees);
  const resources = seen.map((managed) => resourceView(managed, { at, plan, calendars, keepOns, pauses }));
  const shown = new Set(resources.map(({ target, kind }) => `${target}/${kind}`));
  const looks = lookRecords
    .filter(({ target, kind }) => shown.has(`${target}/${kind}`))
    .map((lookRecord) => lookRecord.at);
  return {
    at,
    ...(looks.length > 0 ? { lookedAt: Math.min(...looks) } : {}),
    resources: resources.sort((a, b) => (a.resource < b.resource ? -1 : 1)),
    schedules: plan.schedules.map((schedule) => {
      const pause = pauses.get(schedule.name);
      const applying = seen.filter((managed) => appliesTo(schedule, managed));
      const decided = schedule.kind === 'cron' ? applying : resources.filter((each) => each.schedule === schedule.name);
      const next = nextOf(schedule, calendars, at);
      return {
        schedule,
        ...(pause ? { pause } : {}),
        resources: decided.length,
        meant: applying.length,
        ...(next ? { next } : {}),
        troubles: [
          ...unmatchedSelectors(schedule, meant),
          ...(cronStates.get(schedule.name)?.refusals ?? []).map(({ resource, what }) => `${resource}: ${what}`),
        ],
      };
    }),
    troubles: lookRecords.flatMap(({ target, kind, trouble }) =>
      trouble
        ? [
            {
              target,
              what: `${kind}s can’t be looked at since ${new Date(trouble.since).toISOString()}: ${trouble.what}`,
            },
          ]
        : [],
    ),
  };
}

interface Facts {
  readonly at: number;
  readonly plan: SchedulePlan;
  readonly calendars: ReadonlyMap<string, Calendar>;
  readonly keepOns: ReadonlyMap<string, KeepOn>;
  readonly pauses: ReadonlyMap<string, Pause>;
}

function resourceView(managed: ManagedResource, { at, plan, calendars, keepOns, pauses }: Facts): ResourceView {
  const found = governing(runningSchedules(plan.schedules), managed);
  const { schedule } = found;
  const calendar = schedule && calendars.get(schedule.name);
  const keepOn = keepOns.get(managed.resource);
  const pause = schedule && pauses.get(schedule.name);
  const contradiction = 'contradiction' in found ? found.contradiction : [];
  const { should, why } = desiredState(managed, { now: at, schedule, calendar, contradiction, keepOn, pause });
  const { resource, target, kind, id, name, status, condition, restartsAt, task } = managed;
  const doing = doingOf(managed, at);
  const next = calendar?.nextChange(at);
  return {
    resource,
    target,
    kind,
    id,
    name,
    status,
    condition,
    should,
    why,
    ...(schedule ? { schedule: schedule.name } : {}),
    ...(doing === undefined ? {} : { doing }),
    ...(task?.job ? { job: task.job } : {}),
    ...(next ? { next } : {}),
    ...(keepOn ? { keepOn } : {}),
    ...(restartsAt === undefined ? {} : { restartsAt }),
  };
}

function doingOf(managed: ManagedResource, at: number): string | undefined {
  const { task, setback, postponed, waits, waiting } = managed;
  const words = { running: 'being started', stopped: 'being stopped', snapshot: 'a snapshot is taken first' };
  if (task) return task.isTakenBack ? 'no longer wanted: its job is being cancelled' : words[task.goal];
  if (setback) return `${setback.what}; tried again at ${new Date(setback.again).toISOString()}`;
  if (postponed) return postponed.why;
  if (waits === undefined || waiting === undefined || !isStuck(managed, at)) return waits;
  return `${waits}; waits since ${new Date(waiting.since).toISOString()}, which is too long: somebody has to look`;
}

function nextOf(schedule: Schedule, calendars: ReadonlyMap<string, Calendar>, at: number): ScheduleView['next'] {
  if (schedule.kind === 'running') return calendars.get(schedule.name)?.nextChange(at);
  const fire = firesOf(schedule).nextFire(at);
  return fire === undefined ? undefined : { at: fire };
}
