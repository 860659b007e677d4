// Schedules and their resources as the API returns them: times in ISO 8601, missing values as null.
import type { KeepOn, Pause } from '../../schedules/exceptions.ts';
import type { ResourceView, ScheduleView } from '../../schedules/report/overview.ts';
import type { FileFinding, Selection } from '../../schedules/schedule.ts';
import type { VisibleSchedules } from './visible-schedules.ts';
import { describeSchedule } from './describe-schedule.ts';

/** ISO 8601, from milliseconds since 1970. */
const iso = (at: number): string => new Date(at).toISOString();

export interface PauseAnswer {
  readonly schedule: string;
  readonly since: string;
  readonly until: string | null;
  readonly by: string;
  readonly reason: string;
}

export interface KeepOnAnswer {
  readonly resource: string;
  readonly since: string;
  /** When the keep-on begins; in the future for a skipped stop. */
  readonly from: string;
  readonly until: string;
  readonly by: string;
  readonly reason: string;
}

export interface ScheduleAnswer {
  readonly name: string;
  readonly kind: 'running' | 'cron';
  readonly description: string | null;
  readonly timeZone: string;
  /** In a few words: `mon-fri 07:00–19:00`, or an operation and its cron. */
  readonly says: string;
  readonly policy: 'enforce' | 'respect-manual' | null;
  readonly priority: number | null;
  /** Null for a key that doesn't cover everything. */
  readonly applies: readonly string[] | null;
  readonly resources: number;
  readonly next: { readonly at: string; readonly running: boolean | null } | null;
  readonly pause: PauseAnswer | null;
  readonly troubles: readonly string[];
  readonly links: { readonly self: string; readonly preview: string; readonly resources: string };
}

export interface ResourceAnswer {
  readonly resource: string;
  readonly target: string;
  readonly kind: 'db-cluster' | 'graph';
  readonly id: string;
  readonly name: string;
  readonly schedule: string | null;
  readonly status: string;
  readonly condition: ResourceView['condition'];
  readonly should: ResourceView['should'];
  readonly why: string;
  readonly doing: string | null;
  readonly job: string | null;
  readonly next: { readonly at: string; readonly running: boolean } | null;
  readonly keepOn: KeepOnAnswer | null;
  /** When AWS starts it by itself. */
  readonly restartsAt: string | null;
}

export interface SchedulesAnswer {
  readonly file: {
    readonly loadedAt: string;
    readonly findings: readonly FileFinding[];
    readonly broken: readonly FileFinding[] | null;
  };
  readonly at: string;
  /** The oldest of the last looks at these resources; null if there are none. */
  readonly lookedAt: string | null;
  readonly schedules: readonly ScheduleAnswer[];
  readonly troubles: readonly string[];
}

export function schedulesAnswer({ state, overview, all }: VisibleSchedules): SchedulesAnswer {
  return {
    file: {
      loadedAt: iso(state.loadedAt ?? overview.at),
      findings: all ? state.findings : [],
      broken: state.broken === undefined ? null : all ? state.broken : [],
    },
    at: iso(overview.at),
    lookedAt: overview.lookedAt === undefined ? null : iso(overview.lookedAt),
    schedules: overview.schedules.map((view) => scheduleAnswer(view, all)),
    troubles: overview.troubles.map(({ target, what }) => `${target}: ${what}`),
  };
}

export function scheduleAnswer(
  { schedule, pause, resources, next, troubles }: ScheduleView,
  all: boolean,
): ScheduleAnswer {
  const { name, kind, description, timeZone } = schedule;
  const self = `/v1/schedules/${name}`;
  return {
    name,
    kind,
    description: description ?? null,
    timeZone,
    says: describeSchedule(schedule),
    policy: schedule.kind === 'running' ? schedule.policy : null,
    priority: schedule.kind === 'running' ? schedule.priority : null,
    applies: all ? schedule.applies.map(selectionText) : null,
    resources,
    next: next ? { at: iso(next.at), running: next.running ?? null } : null,
    pause: pause ? pauseAnswer(pause) : null,
    troubles,
    links: { self, preview: `${self}/preview`, resources: `/v1/scheduled-resources?schedule=${name}` },
  };
}

export function resourceAnswer(view: ResourceView): ResourceAnswer {
  const { schedule, doing, job, next, keepOn, restartsAt, ...rest } = view;
  return {
    ...rest,
    schedule: schedule ?? null,
    doing: doing ?? null,
    job: job ?? null,
    next: next ? { at: iso(next.at), running: next.running } : null,
    keepOn: keepOn ? keepOnAnswer(keepOn) : null,
    restartsAt: restartsAt === undefined ? null : iso(restartsAt),
  };
}

export function pauseAnswer({ since, until, ...rest }: Pause): PauseAnswer {
  return { ...rest, since: iso(since), until: until === undefined ? null : iso(until) };
}

export function keepOnAnswer({ since, from, until, ...rest }: KeepOn): KeepOnAnswer {
  return { ...rest, since: iso(since), from: iso(from ?? since), until: iso(until) };
}

function selectionText({ target, kind, pattern, tag }: Selection): string {
  return `${target}/${kind}/${pattern}${tag ? ` with ${tag.key}=${tag.value}` : ''}`;
}
