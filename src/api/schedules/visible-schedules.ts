// What a caller may see of the schedules: the resources that its key covers, and the schedules that select one of them.
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../errors.ts';
import type { Store } from '../../records/store.ts';
import { type Overview, type ResourceView, type ScheduleView, readOverview } from '../../schedules/report/overview.ts';
import type { SchedulePlan } from '../../schedules/schedule.ts';
import type { WatchedPlan, WatchedState } from '../../schedules/file/watched-plan.ts';
import { reachesAll, seesJob } from '../auth/authorization.ts';

export interface VisibleSchedules {
  readonly plan: SchedulePlan;
  readonly state: WatchedState;
  readonly overview: Overview;
  /** Whether the key covers everything. Only then may it see the file's selectors, those that match nothing too. */
  readonly all: boolean;
}

/** The plan in force. Throws `no-schedules` when no file is configured. */
export function currentPlan(watched: WatchedPlan | undefined): { plan: SchedulePlan; state: WatchedState } {
  const state = watched?.current();
  if (state?.plan === undefined) {
    throw new ServiceError(
      'no-schedules',
      'This service has no schedules. Name a file of them in NEPTUNE_OPS_SCHEDULES_FILE.',
    );
  }
  return { plan: state.plan, state };
}

/** The overview, limited to what the caller may see. */
export async function readVisibleSchedules(
  request: FastifyRequest,
  store: Store,
  watched: WatchedPlan | undefined,
): Promise<VisibleSchedules> {
  const { plan, state } = currentPlan(watched);
  const all = reachesAll(request);
  const overview = await readOverview(store, plan, (managed) => seesJob(request, managed));
  if (all) return { plan, state, overview, all };
  const targets = new Set(overview.resources.map(({ target }) => target));
  const schedules = overview.schedules.filter(({ meant }) => meant > 0).map((each) => ({ ...each, troubles: [] }));
  const troubles = overview.troubles.filter(({ target }) => targets.has(target));
  return { plan, state, overview: { ...overview, schedules, troubles }, all };
}

export function findSchedule({ overview }: VisibleSchedules, name: string): ScheduleView {
  const found = overview.schedules.find(({ schedule }) => schedule.name === name);
  if (found) return found;
  throw new ServiceError('schedule-not-found', `There is no schedule “${name}”. GET /v1/schedules lists them.`);
}

/** A resource under a schedule with `running`. Throws when there is none that the caller may see. */
export function findResource({ overview }: VisibleSchedules, resource: string): ResourceView {
  const found = overview.resources.find((each) => each.resource === resource);
  if (found?.schedule !== undefined && found.condition !== 'gone') return found;
  const why = found === undefined ? 'No schedule means it, or there is no such resource' : found.why;
  throw new ServiceError(
    'resource-not-scheduled',
    `Nothing says when ${resource} runs: ${why}. GET /v1/scheduled-resources lists what there is.`,
  );
}
