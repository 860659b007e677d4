// Finds the schedule that decides about a resource: of those that apply, the one with the highest priority. If two have
// that priority, none decides, and the result names them.
import { fitsPattern } from '../name-pattern.ts';
import type { CronSchedule, RunningSchedule, Schedule, Selection } from './schedule.ts';
import type { ManagedResource } from './managed-resource.ts';

type Known = Pick<ManagedResource, 'target' | 'kind' | 'id' | 'name' | 'tags'>;

type Governing =
  { readonly schedule: RunningSchedule } | { readonly schedule: undefined; readonly contradiction: readonly string[] };

export function governing(schedules: readonly RunningSchedule[], resource: Known): Governing {
  const applying = schedules.filter((schedule) => appliesTo(schedule, resource));
  const highest = Math.max(...applying.map(({ priority }) => priority));
  const [schedule, ...others] = applying.filter(({ priority }) => priority === highest);
  if (schedule !== undefined && others.length === 0) return { schedule };
  return { schedule: undefined, contradiction: [schedule, ...others].flatMap((each) => each?.name ?? []) };
}

export function appliesTo({ applies }: Pick<Schedule, 'applies'>, resource: Known): boolean {
  return applies.some((selection) => selects(selection, resource));
}

function selects({ target, kind, pattern, tag }: Selection, resource: Known): boolean {
  if (target !== resource.target || kind !== resource.kind) return false;
  if (tag !== undefined && resource.tags?.[tag.key] !== tag.value) return false;
  return fitsPattern(pattern, resource.id) || fitsPattern(pattern, resource.name.toLowerCase());
}

export function runningSchedules(schedules: readonly Schedule[]): RunningSchedule[] {
  return schedules.filter((schedule) => schedule.kind === 'running');
}

export function cronSchedules(schedules: readonly Schedule[]): CronSchedule[] {
  return schedules.filter((schedule) => schedule.kind === 'cron');
}

/** Whether tags must be known to decide which schedules apply to the resources of this kind in this target. */
export function needsTags(schedules: readonly Schedule[], target: string, kind: ManagedResource['kind']): boolean {
  return schedules.some(({ applies }) =>
    applies.some((each) => each.tag !== undefined && each.target === target && each.kind === kind),
  );
}
