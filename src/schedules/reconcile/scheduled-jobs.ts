// The jobs that schedules create: what to ask for, and what became of it. A failed job is repeated after a growing
// pause. One that a person cancelled is repeated only after the next boundary.
import { createHash } from 'node:crypto';
import { ServiceError } from '../../errors.ts';
import { type JobRecord, isEnded } from '../../records/job.ts';
import type { EnqueueRequest } from '../../queue/request.ts';
import type { DesiredState } from '../desired-state.ts';
import type { Backoff, ManagedResource, Task } from '../managed-resource.ts';
import type { ScheduleDependencies } from '../dependencies.ts';

const operations = {
  'db-cluster': { running: 'start-db-cluster', stopped: 'stop-db-cluster', snapshot: 'create-db-cluster-snapshot' },
  graph: { running: 'start-graph', stopped: 'stop-graph', snapshot: 'create-graph-snapshot' },
} as const;

const firstPause = 5 * 60_000;
const longestPause = 6 * 3_600_000;

/** The request that brings a resource to the goal. `stamp` makes a snapshot's name unique: `202611271900`. */
export function requestFor(
  managed: Pick<ManagedResource, 'kind' | 'id' | 'target'>,
  goal: Task['goal'],
  stamp: string,
): EnqueueRequest {
  const { kind, id, target } = managed;
  return {
    operation: operations[kind][goal],
    target,
    input: { ...identified(kind, id), ...snapshotName(kind, id, goal, stamp) },
  };
}

export function identified(kind: ManagedResource['kind'], id: string): Record<string, string> {
  return kind === 'graph' ? { graphIdentifier: id } : { dbClusterIdentifier: id };
}

function snapshotName(
  kind: ManagedResource['kind'],
  id: string,
  goal: Task['goal'],
  stamp: string,
): Record<string, string> {
  if (goal !== 'snapshot') return {};
  // 63 characters at most, no hyphen at the end and no two together.
  const short = `${id.slice(0, 35).replace(/-+$/, '')}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;
  const name = `sleep-${id.length > 44 ? short : id}-${stamp}`;
  return kind === 'graph' ? { snapshotName: name } : { dbClusterSnapshotIdentifier: name };
}

/** Updates the resource's task from its job. `boundary`: the calendar's next change, in milliseconds. */
export function updateTask(
  managed: ManagedResource,
  job: JobRecord | undefined,
  now: number,
  boundary: number | undefined,
): ManagedResource {
  const { task, setback, ...rest } = managed;
  if (task === undefined || (job !== undefined && !isEnded(job))) return managed;
  // The job's record is gone from the store, so what is seen decides.
  if (job === undefined) return { ...rest, ...(setback ? { setback } : {}) };
  // A snapshot doesn't replace the last start or stop, because the stop after it needs a snapshot of its own.
  if (job.state === 'succeeded')
    return task.goal === 'snapshot' ? rest : { ...rest, done: { ...task, at: job.finishedAt } };
  if (job.state === 'cancelled' && task.isTakenBack) {
    const isWithoutEffect = job.outcome.changed === false || task.goal === 'snapshot';
    // The cancellation came too late, and the change that AWS was asked for goes on.
    return isWithoutEffect ? rest : { ...rest, done: { goal: task.goal, job: task.job, at: job.finishedAt } };
  }
  if (job.state === 'cancelled') {
    const what = `its job ${task.job} was cancelled; left alone until the next boundary`;
    return { ...rest, setback: { goal: aimOf(task.goal), count: 0, again: boundary ?? now + longestPause, what } };
  }
  const reason = job.outcome.reason ?? job.outcome.status ?? job.state;
  return { ...rest, setback: nextBackoff(setback, task.goal, `job ${task.job} ${job.state}: ${reason}`, now) };
}

export function nextBackoff(was: Backoff | undefined, goal: Task['goal'], what: string, now: number): Backoff {
  const count = (was?.count ?? 0) + 1;
  return { goal: aimOf(goal), count, again: now + Math.min(longestPause, firstPause * 2 ** (count - 1)), what };
}

function aimOf(goal: Task['goal']): Backoff['goal'] {
  return goal === 'running' ? 'running' : 'stopped';
}

interface Wish {
  readonly should: DesiredState['should'];
  readonly job: JobRecord | undefined;
  /** Saves the resource at once. Returns `false` when another process saved it meanwhile. */
  readonly remember: (managed: ManagedResource) => Promise<boolean>;
}

/**
 * Cancels a job that is no longer wanted while it still waits. A job that AWS was asked for goes on, and so does
 * somebody else's.
 */
export async function withdrawTask(
  deps: Pick<ScheduleDependencies, 'cancel'>,
  managed: ManagedResource,
  { should, job, remember }: Wish,
): Promise<ManagedResource> {
  const { task } = managed;
  if (task === undefined || job === undefined || isEnded(job)) return managed;
  const isWanted = should === aimOf(task.goal) && !task.isTakenBack;
  if (isWanted || task.isJoined || (job.phase !== 'line' && job.phase !== 'look')) return managed;
  const taken: ManagedResource = { ...managed, task: { ...task, isTakenBack: true } };
  // Saved before the cancellation: otherwise, if this process ended now, it would look like a person's.
  if (!task.isTakenBack && !(await remember(taken))) return managed;
  try {
    await deps.cancel(task.job);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  return taken;
}

/** Whether the request itself was refused. An unreachable store isn't a refusal. */
export function isRefusal(error: unknown): error is ServiceError {
  return error instanceof ServiceError && error.code !== 'store-unreachable';
}
