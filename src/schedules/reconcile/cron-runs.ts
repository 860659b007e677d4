// Runs cron schedules. Of missed runs only the latest is made up for. A run creates one job per resource, however often
// its tick is repeated.
import type { Stored } from '../../records/store.ts';
import { fillPlaceholders } from '../calendar/cron-input.ts';
import { firesOf } from '../calendar/cron.ts';
import type { Pause } from '../exceptions.ts';
import { appliesTo, cronSchedules } from '../governing-schedule.ts';
import type { CronSchedule, SchedulePlan } from '../schedule.ts';
import { allManagedResources, readLookRecords } from '../resource-cache.ts';
import type { ManagedResource } from '../managed-resource.ts';
import { identified, isRefusal } from './scheduled-jobs.ts';
import type { ScheduleDependencies } from '../dependencies.ts';

/** How far a schedule's runs have been asked for: up to `until`, in milliseconds. */
export interface CronState {
  readonly schedule: string;
  /** The expression and its time zone. When they change, the schedule begins anew. */
  readonly when: string;
  readonly until: number;
  readonly refusals: readonly { readonly resource: string; readonly what: string }[];
}

export function cronKey(schedule: string): string {
  return `cron/${schedule}`;
}

export async function runCrons(
  deps: ScheduleDependencies,
  plan: SchedulePlan,
  pauses: ReadonlyMap<string, Pause>,
  held: ReadonlySet<string>,
): Promise<void> {
  for (const schedule of cronSchedules(plan.schedules)) {
    try {
      await runCron(deps, schedule, pauses.has(schedule.name), held);
    } catch (error) {
      deps.log.error({ schedule: schedule.name, err: error as Error }, 'a cron schedule could not run');
    }
  }
}

async function runCron(
  deps: ScheduleDependencies,
  schedule: CronSchedule,
  isPaused: boolean,
  held: ReadonlySet<string>,
): Promise<void> {
  const key = cronKey(schedule.name);
  const { at, records } = await deps.store.read([key]);
  const was = records[0] as Stored<CronState> | undefined;
  const fire = firesOf(schedule).lastFire(at);
  // A new schedule begins with its next run, not with the last one before it was written.
  const when = `${schedule.cron} ${schedule.timeZone}`;
  const isKnown = was?.value.when === when;
  const isDue = isKnown && fire !== undefined && fire > was.value.until;
  if (isKnown && !isDue) return;
  // The run is made up for when the hold ends.
  if (isDue && !isPaused && targetsOf(schedule).some((target) => held.has('all') || held.has(target))) return;
  const refusals = isDue && !isPaused ? await run(deps, schedule, fire) : [];
  const value: CronState = { schedule: schedule.name, when, until: fire ?? at, refusals };
  await deps.store.commit([was ? { op: 'replace', was, value } : { op: 'create', key, value }]);
}

function targetsOf({ applies, target = 'default' }: CronSchedule): string[] {
  return applies.length === 0 ? [target] : applies.map((selection) => selection.target);
}

async function run(deps: ScheduleDependencies, schedule: CronSchedule, fire: number): Promise<CronState['refusals']> {
  const refusals = await unseen(deps, schedule);
  const applying: ManagedResource[] = [];
  // As they were last seen by any process, because AWS may be unreachable now.
  for await (const { value } of allManagedResources(deps.store)) {
    if (value.condition !== 'gone' && appliesTo(schedule, value)) applying.push(value);
  }
  const runs: (ManagedResource | undefined)[] = schedule.applies.length === 0 ? [undefined] : applying;
  let trouble: { readonly error: unknown } | undefined;
  for (const managed of runs) {
    const own = managed ? identified(managed.kind, managed.id) : {};
    const resource = managed?.resource ?? schedule.name;
    try {
      const { job } = await deps.enqueue({
        operation: schedule.operation,
        target: managed?.target ?? schedule.target ?? 'default',
        input: { ...fillPlaceholders(schedule, fire, managed?.id), ...own },
        idempotencyKey: `${schedule.name}/${fire}/${resource}`,
        owner: 'schedules',
        by: `schedule:${schedule.name}`,
        onBusy: 'wait',
      });
      const about = { job: job.id, operation: job.operation, resource, by: job.by };
      deps.log.info({ ...about, schedule: schedule.name }, 'scheduled');
    } catch (error) {
      // The next tick asks again under the same key. The other resources don't wait for it.
      if (!isRefusal(error)) {
        trouble = { error };
        continue;
      }
      deps.log.warn({ resource, schedule: schedule.name, reason: error.message }, 'a scheduled run was refused');
      refusals.push({ resource, what: error.message });
    }
  }
  if (trouble) throw trouble.error;
  return refusals;
}

/** Kinds that were never listed, so that no resource of theirs can run. They are reported, and the others run. */
async function unseen(
  { store }: ScheduleDependencies,
  { applies }: CronSchedule,
): Promise<{ resource: string; what: string }[]> {
  const seen = new Set(
    (await readLookRecords(store)).flatMap(({ target, kind, at }) => (at > 0 ? `${target}/${kind}` : [])),
  );
  const meant = new Set(applies.map(({ target, kind }) => `${target}/${kind}`));
  return [...meant].filter((each) => !seen.has(each)).map((resource) => ({ resource, what: 'could not be looked at' }));
}
