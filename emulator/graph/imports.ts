// Neptune Analytics import tasks: the plan is fixed at creation, and progress is computed from the clock.
import type { ClusterSettings } from '../neptune/clusters.ts';
import type { Graph } from './graphs.ts';
import { ACCOUNT, newId } from '../names.ts';
import { refusal } from '../refusal.ts';
import { type TimelineStep, Timeline } from '../timeline.ts';

type ImportPlan = 'succeed' | 'fail' | 'out-of-memory';

export interface ImportOptions {
  /** `t-` and ten lower-case letters or digits. Default: a new one. */
  id?: string;
  /** A graph of this account. */
  graphId: string;
  /** Default `succeed`. */
  plan?: ImportPlan;
  /** From `startsAt` to the terminal status. Default 8000. */
  totalMs?: number;
  /** Milliseconds since 1970; default: now. Before it the task is INITIALIZING. */
  startsAt?: number;
  statementCount?: number;
  /** Passes through REPROVISIONING. Default false. */
  reprovisions?: boolean;
  /** Uses the older spellings: RE_PROVISIONING, ERROR_ENCOUNTERED, ERROR_ENCOUNTERED_ROLLING_BACK. Default false. */
  oldSpelling?: boolean;
  format?: string;
  source?: string;
  roleArn?: string;
  importOptions?: Readonly<Record<string, unknown>>;
}

/** A phase of a task: its status and progress. */
interface Phase {
  status: string;
  /** `importTaskDetails.status`. */
  detail: string;
  /** Progress at the beginning and at the end of the phase, 0 to 1. */
  progress: readonly [from: number, to: number];
  errors?: number;
  reason?: string;
}

export interface ImportTask {
  readonly serial: number;
  readonly id: string;
  readonly graphId: string;
  readonly startsAt: number;
  readonly statementCount: number;
  readonly format: string;
  readonly source: string;
  readonly roleArn: string;
  readonly importOptions: Readonly<Record<string, unknown>> | undefined;
  readonly phases: Timeline<Phase>;
}

type PlannedPhase = readonly [status: string, share: number, progress: readonly [number, number], errors?: number];

const BEGINNING: readonly PlannedPhase[] = [
  ['INITIALIZING', 0.1, [0, 0]],
  ['ANALYZING_DATA', 0.15, [0, 0]],
];

/** Status, share of the task's time, progress, errors. */
const plans: Readonly<Record<ImportPlan, readonly PlannedPhase[]>> = {
  succeed: [...BEGINNING, ['IMPORTING', 0.75, [0, 1]]],
  fail: [
    ...BEGINNING,
    ['IMPORTING', 0.45, [0, 0.6]],
    ['ERROR_ENCOUNTERED', 0.05, [0.6, 0.6], 3],
    ['ROLLING_BACK', 0.25, [0.6, 0.6], 3],
  ],
  'out-of-memory': [...BEGINNING, ['IMPORTING', 0.6, [0, 0.8]], ['ROLLING_BACK', 0.15, [0.8, 0.8]]],
};

const endings: Readonly<Record<ImportPlan, { status: string; reason?: string; done: number; errors: number }>> = {
  succeed: { status: 'SUCCEEDED', done: 1, errors: 0 },
  fail: {
    status: 'FAILED',
    reason: 'Errors were encountered in the data and failOnError is true.',
    done: 0.6,
    errors: 3,
  },
  'out-of-memory': {
    status: 'FAILED',
    reason: 'The import ended because of insufficient memory: the graph needs more provisioned memory.',
    done: 0.8,
    errors: 0,
  },
};

const OLD_SPELLING: Readonly<Record<string, string>> = {
  REPROVISIONING: 'RE_PROVISIONING',
  ROLLING_BACK: 'ERROR_ENCOUNTERED_ROLLING_BACK',
};
const NEW_SPELLING: Readonly<Record<string, string>> = { ERROR_ENCOUNTERED: 'IMPORTING' };

/** Statuses in which a task can be cancelled, in every spelling. */
const CANCELLABLE = new Set([
  'INITIALIZING',
  'EXPORTING',
  'ANALYZING_DATA',
  'IMPORTING',
  'REPROVISIONING',
  'RE_PROVISIONING',
]);

export function createImportTask(setting: ClusterSettings, options: ImportOptions, serial: number): ImportTask {
  const { clock, durations } = setting;
  const plan = options.plan ?? 'succeed';
  const startsAt = options.startsAt ?? clock.now();
  const phases = new Timeline<Phase>(clock, { status: 'INITIALIZING', detail: 'IN_PROGRESS', progress: [0, 0] });
  phases.run(planSteps(plan, options, durations.importReasonMs), startsAt);
  return {
    serial,
    id: options.id ?? newId('t'),
    graphId: options.graphId,
    startsAt,
    statementCount: options.statementCount ?? 100_000,
    format: options.format ?? 'CSV',
    source: options.source ?? 's3://import-data/graph/',
    roleArn: options.roleArn ?? `arn:aws:iam::${ACCOUNT}:role/neptune-import`,
    importOptions: options.importOptions,
    phases,
  };
}

function planSteps(plan: ImportPlan, options: ImportOptions, reasonMs: number): TimelineStep<Phase>[] {
  const spelling = options.oldSpelling ? OLD_SPELLING : NEW_SPELLING;
  const planned = plans[plan].flatMap((phase): PlannedPhase[] => {
    const [status, share, progress] = phase;
    if (!options.reprovisions || status !== 'ANALYZING_DATA') return [phase];
    return [
      [status, share / 2, progress],
      ['REPROVISIONING', share / 2, progress],
    ];
  });
  const steps = planned.map(([status, share, progress, errors = 0]): TimelineStep<Phase> => {
    const phase = { status: spelling[status] ?? status, detail: 'IN_PROGRESS', progress, errors };
    return { to: phase, forMs: (options.totalMs ?? 8000) * share };
  });
  const { status, reason, done, errors } = endings[plan];
  const end: Phase = { status, detail: status, progress: [done, done], errors };
  if (reason === undefined) return [...steps, { to: end }];
  // AWS reports a failure before it reports the reason.
  return [...steps, { to: { ...end, detail: 'IN_PROGRESS' }, forMs: reasonMs }, { to: { ...end, reason } }];
}

/** The progress of a task at a time, 0 to 1. */
export function progressAt(task: ImportTask, time: number): number {
  const moment = task.phases.moment(time);
  if (moment === undefined) return 0;
  const [from, to] = moment.state.progress;
  if (from === to) return to;
  return from + (to - from) * Math.min(1, (time - moment.at) / (moment.until - moment.at));
}

/** Cancels a running task. Throws `refusedWith` for an ended one. */
export function cancelImport(
  setting: ClusterSettings,
  task: ImportTask,
  graph: Graph | undefined,
  refusedWith: string,
): void {
  const { clock, durations } = setting;
  const { status } = task.phases.now;
  if (!CANCELLABLE.has(status)) {
    throw refusal(
      'neptune-graph',
      refusedWith,
      `Import task ${task.id} is in ${status} status and can't be cancelled.`,
    );
  }
  stopImport(setting, task, 'CANCELLED', durations.cancelImportMs);
  graph?.status.run([{ to: 'IMPORTING', forMs: durations.cancelImportMs }, { to: 'AVAILABLE' }], clock.now());
}

/** Moves a task to CANCELLED or another terminal status, through CANCELLING if that takes time. */
export function stopImport(setting: ClusterSettings, task: ImportTask, status: string, afterMs: number): void {
  const now = setting.clock.now();
  const done = progressAt(task, now);
  const errors = task.phases.now.errors ?? 0;
  const cancelling: Phase = { status: 'CANCELLING', detail: 'CANCELLING', progress: [done, done], errors };
  const ended: Phase = { status, detail: status, progress: [done, done], errors };
  task.phases.run([...(afterMs > 0 ? [{ to: cancelling, forMs: afterMs }] : []), { to: ended }], now);
}
