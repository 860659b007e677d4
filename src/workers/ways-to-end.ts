// How a job ends: as AWS said, by a person's wish, by the clock, or because nobody can go on with it. The outcome's words;
// writing it down with its event and turn is ending.ts's.
import type { Observation } from '../operation.ts';
import type { Outcome, TerminalState } from '../records/job.ts';
import { type VisitContext, type Next, changedSoFar, end, lastStatus, letGo, looked } from './visit-context.ts';

/** Visits in a row that may end with the worker's death before the job is given up. */
export const stallBudget = 5;

/** A job in a worker's hands, whatever is known of its operation and target. */
export type Held = Pick<VisitContext, 'deps' | 'file' | 'lock'>;

/** With the outcome that AWS spoke of. */
export function endAsSeen(ctx: VisitContext, seen: Observation, changed: boolean | 'unknown'): Promise<Next> {
  const { verdict, status, code, reason, result } = seen;
  const outcome: Outcome = {
    state: verdict as TerminalState,
    changed,
    status,
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
    ...(result === undefined ? {} : { result }),
  };
  return end(ctx, outcome, { parts: looked(ctx, seen) });
}

/** Before the intent nothing was called. After it the service only stops following, and the turn waits for the resource. */
export function endCancelled(ctx: Held): Promise<Next> {
  const { job } = ctx.file;
  const resting = job.takesTurn && job.intent !== undefined;
  const asked = job.intent !== undefined || job.changed !== false;
  const reason = asked
    ? 'Cancelled after AWS was asked; its work goes on, and is no longer followed.'
    : 'Cancelled before this job asked anything of AWS.';
  return end(
    ctx,
    { state: 'cancelled', changed: changedSoFar(job), code: 'cancelled', reason, ...lastStatus(job) },
    { resting },
  );
}

export function endTimedOut(ctx: VisitContext): Promise<Next> {
  const { job } = ctx.file;
  const trouble =
    job.trouble.message === undefined ? '' : ` The last trouble: ${job.trouble.code}: ${job.trouble.message}`;
  const reason = `The deadline passed${job.status === undefined ? '' : ` while AWS said “${job.status}”`}.${trouble}`;
  return end(ctx, {
    state: 'timed-out',
    changed: changedSoFar(job),
    code: 'deadline-passed',
    reason,
    ...lastStatus(job),
  });
}

export function giveUp(ctx: VisitContext): Promise<Next> {
  const { job } = ctx.file;
  if (job.phase === 'rest') return letGo(ctx);
  const reason = `Workers died ${stallBudget} times in a row while they visited this job.`;
  return end(ctx, {
    state: 'failed',
    changed: changedSoFar(job),
    code: 'crashed-repeatedly',
    reason,
    ...lastStatus(job),
  });
}

/** For good: the settings, or the registry, have lost what the job is about. */
export function endUnknown(ctx: Held, what: 'operation' | 'target'): Promise<Next> {
  const { job } = ctx.file;
  const reason = `This service no longer has the ${what} “${job[what]}”.`;
  return end(ctx, { state: 'failed', changed: changedSoFar(job), code: `unknown-${what}`, reason });
}
