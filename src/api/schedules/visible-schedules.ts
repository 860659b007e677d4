// What a caller may know of the schedules: the resources that its key reaches, and the schedules that mean one of them.
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
  /** The key reaches everything: identifiers that no resource has may be told, and what the file says. */
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

/** Everything in one look at the store, as far as the caller reaches. */
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

/** A resource of which a schedule says when it runs. */
export function findResource({ overview }: VisibleSchedules, resource: string): ResourceView {
  const found = overview.resources.find((each) => each.resource === resource);
  if (found?.schedule !== undefined && found.condition !== 'gone') return found;
  const why = found === undefined ? 'No schedule means it, or there is no such resource' : found.why;
  throw new ServiceError(
    'resource-not-scheduled',
    `Nothing says when ${resource} runs: ${why}. GET /v1/scheduled-resources lists what there is.`,
  );
}
