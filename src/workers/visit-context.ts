// All that one visit has at hand, and the ways a visit goes back to the queue.
import type { Logger } from 'pino';
import type { Aws } from '../aws/clients.ts';
import type { Observation, Operation, Policy, Visit } from '../operation.ts';
import { type JobRecord, type Outcome, noTrouble } from '../records/job.ts';
import type { Store } from '../records/store.ts';
import { type Bounds, type Random, nextPoll } from './cadence.ts';
import { endJob, endRest } from './ending.ts';
import type { JobLock } from './gate.ts';
import type { JobFile, Parts } from './job-file.ts';
import type { ErrorDecision } from './error-policy.ts';

/** What the lifecycle is given of the world around it. */
export interface Dependencies {
  readonly store: Store;
  readonly operationOf: (name: string) => Operation<Aws> | undefined;
  readonly awsOf: (target: string) => Aws | undefined;
  readonly policyOf: (target: string) => Policy;
  readonly bounds: Bounds;
  /** Whether completion events are sent at all. */
  readonly events: boolean;
  /** Of a visit: with the job's id, operation and resource on every line. */
  readonly log: Logger;
  readonly random: Random;
  /** Milliseconds of this process; tests that turn the clock stop it. Default: `performance.now`. */
  readonly stopwatch?: () => number;
  /** Told of every fault that means wrong credentials, for the readiness of the service. */
  readonly onCredentials?: (target: string, message: string) => void;
  /** Told of every visit when it begins: the record as it was read, and the store's time in milliseconds. */
  readonly onVisit?: (job: JobRecord, now: number) => void;
  /** Told of every look at which AWS said what no state table knows. */
  readonly onUnknownStatus?: (job: JobRecord) => void;
}

/** One visit: the record, the lock, the operation and what it is given. */
export interface VisitContext {
  readonly deps: Dependencies;
  readonly file: JobFile;
  readonly lock: JobLock;
  readonly operation: Operation<Aws>;
  readonly visit: Visit<JobRecord['input'], Aws>;
}

/** What a visit leads to; the worker translates it for the queue. */
export type Next =
  /**
   * Look again at this time, by the store's clock. `throttled`: and slow the whole queue down. `asked`: this visit made
   * the changing call, and AWS accepted it.
   */
  | {
      readonly next: 'again';
      readonly at: number;
      readonly job: JobRecord;
      readonly throttled?: true;
      readonly asked?: true;
    }
  /** The job has ended; `heir` got its turn. */
  | { readonly next: 'over'; readonly job: JobRecord; readonly heir?: JobRecord }
  /** The job has ended, its resource still moves: look again at this time. */
  | { readonly next: 'resting'; readonly job: JobRecord; readonly at: number }
  /** In line for its turn; whoever ends the turn wakes it. */
  | { readonly next: 'in-line'; readonly job: JobRecord }
  /** There is no such job, or not any more. */
  | { readonly next: 'gone' };

/** Back to the queue until the next look; not later than `latest` (the store's time, in milliseconds). */
export async function again(ctx: VisitContext, seen: Observation, parts: Parts, latest = Infinity): Promise<Next> {
  const { file } = ctx;
  if (seen.unknown) tellUnknown(ctx, seen);
  const dueAt = Math.min(file.now + pace(ctx, seen), Math.max(latest, file.now), file.job.deadline);
  await file.write({ ...looked(ctx, seen), trouble: calm(ctx), ...parts, dueAt });
  return { next: 'again', at: dueAt, job: file.job };
}

/** Counted at every look, told once for each status. */
function tellUnknown({ file, deps }: VisitContext, { status }: Observation): void {
  deps.onUnknownStatus?.(file.job);
  if (status !== file.job.status) deps.log.warn({ status }, 'unknown AWS status');
}

/** Back to the queue to go on at once, or after `wait` milliseconds. */
export async function soon({ file }: VisitContext, parts: Parts, wait = 0): Promise<Next> {
  const dueAt = file.now + wait;
  await file.write({ ...parts, dueAt });
  return { next: 'again', at: dueAt, job: file.job };
}

/** What a fault led to: the end, or another look after a while. */
export async function apply(ctx: VisitContext, treatment: ErrorDecision, submitting?: 'submitting'): Promise<Next> {
  const { file, lock } = ctx;
  if (treatment.end) {
    const changed = submitting ? treatment.changed || file.job.changed : changedSoFar(file.job);
    // What was asked of AWS goes on, also where it may no longer be read: the turn waits for it.
    const resting = submitting === undefined && file.job.takesTurn && file.job.intent !== undefined;
    return end(ctx, { state: 'failed', changed, ...lastStatus(file.job), ...treatment.end }, { resting });
  }
  // Certainly refused: the intent is void, and the state is looked at anew before another try.
  const back: Parts = submitting && treatment.effect === 'none' ? { phase: 'look', intent: undefined } : {};
  const waiting: Parts = (back.phase ?? file.job.phase) === 'look' ? { state: 'waiting' } : {};
  const reason = reasonOf(treatment.trouble);
  const dueAt = file.now + treatment.wait;
  const startedAt = file.job.startedAt ?? file.now;
  const trouble = { ...treatment.trouble, stalls: lock.stalls };
  await file.write({ ...back, ...waiting, startedAt, dueAt, reason, trouble });
  return { next: 'again', at: dueAt, job: file.job, ...(treatment.throttled ? { throttled: true as const } : {}) };
}

function reasonOf({ code, message }: JobRecord['trouble']): string {
  return `The last visit met trouble, and is made again: ${code}: ${message}`;
}

/** Ends the job; `resting` keeps its turn until its resource rests. */
export async function end(
  { file, deps: world, lock: grip }: Pick<VisitContext, 'file' | 'deps' | 'lock'>,
  outcome: Outcome,
  { resting = false, parts = {} }: { resting?: boolean; parts?: Parts } = {},
): Promise<Next> {
  // The deaths of before are the job's; those of its rest are counted anew.
  const anew: Parts = resting ? { trouble: { ...file.job.trouble, stalls: grip.stalls } } : {};
  const heir = await endJob(file, outcome, { events: world.events, resting, parts: { ...parts, ...anew } });
  const { state, changed, status, code } = outcome;
  world.log.info({ state, changed, status, code }, 'job ended');
  if (resting) return { next: 'resting', job: file.job, at: file.job.dueAt ?? file.now };
  return { next: 'over', job: file.job, ...(heir === undefined ? {} : { heir }) };
}

/** Gives on the turn of a job that has ended already. */
export async function letGo({ file }: Pick<VisitContext, 'file'>): Promise<Next> {
  const heir = await endRest(file);
  return { next: 'over', job: file.job, ...(heir === undefined ? {} : { heir }) };
}

export function looked({ file }: VisitContext, seen: Observation): Parts {
  return {
    startedAt: file.job.startedAt ?? file.now,
    polls: file.job.polls + 1,
    status: seen.status,
    reason: seen.reason,
    progress: seen.progress ?? file.job.progress,
  };
}

/** No fault in a row any more; the budgets of a whole life stay. */
export function calm({ file, lock }: VisitContext): JobRecord['trouble'] {
  const { bugs, refusals } = file.job.trouble;
  return { ...noTrouble, bugs, refusals, stalls: lock.stalls };
}

export function pace({ file, operation, deps }: VisitContext, seen: Observation | undefined): number {
  return nextPoll(operation.timing, seen, file.job.polls, deps.bounds, deps.random);
}

/** Between the intent and its answer nobody knows. */
export function changedSoFar(job: JobRecord): Outcome['changed'] {
  return job.phase === 'settle' ? 'unknown' : job.changed;
}

export function lastStatus(job: JobRecord): { status?: string } {
  return job.status === undefined ? {} : { status: job.status };
}
