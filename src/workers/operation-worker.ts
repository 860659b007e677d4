// Translates between BullMQ and the lifecycle. Only this file knows BullMQ's control-flow errors. A failure of the
// store or the queue never fails a job.
import { DelayedError, type Job, type Queue, UnrecoverableError, type Worker } from 'bullmq';
import { announce } from '../queue/announce.ts';
import { slowDown } from '../queue/rate.ts';
import type { Storage } from '../queue/storage.ts';
import { type QueuedJob, deadlineDue, isDeadlineNear, pollPriority, wake } from '../queue/wake.ts';
import type { JobRecord } from '../records/job.ts';
import { backoff } from './cadence.ts';
import type { Next, Dependencies } from './visit-context.ts';
import type { JobLock } from './gate.ts';
import { LostJob, StoreTrouble } from './job-file.ts';
import { visitJob } from './lifecycle.ts';
import { lockDuration, workerSettings } from './queue-settings.ts';
import { percentOf, storyOf } from './job-log.ts';

export interface OperationWorker {
  readonly storage: Storage;
  readonly deps: Dependencies;
  /** The queue's name, and its configured visits per second. */
  readonly name: string;
  readonly rate: number;
  readonly concurrency: number;
  /** Whether to write a log and progress for the board, which costs one or two round trips per visit. Default: no. */
  readonly tells?: boolean;
}

/** Visits the jobs of one queue until it is closed. */
export function startOperationWorker(settings: OperationWorker): Worker {
  const { storage, deps, name, concurrency } = settings;
  const queue = storage.queue(name);
  const process = async (job: Job, token = ''): Promise<string | undefined> => {
    const lock: JobLock = {
      // Positive only when the lock existed, with this worker's token, and was extended.
      holds: async () => Number(await job.extendLock(token, lockDuration)) > 0,
      stalls: job.stalledCounter ?? 0,
    };
    let next: Next;
    try {
      next = await visitJob(deps, job.id ?? '', lock);
      await Promise.all([follow(settings, queue, next), settings.tells ? tell(job, next) : undefined]);
    } catch (error) {
      return putBack(job, token, await afterTrouble(error, job, settings));
    }
    if (next.next === 'again' || next.next === 'resting') return putBack(job, token, next.at);
    // By this clock the visit for the deadline came a moment early.
    if (next.next === 'in-line' && isDeadlineNear(next.job, Date.now()))
      return putBack(job, token, deadlineDue(next.job));
    if (next.next === 'over') return ended(next.job);
    return undefined;
  };
  const worker = storage.worker(name, process, workerSettings(concurrency));
  worker.on('error', (error) => storage.outage.met(error, { queue: name }, 'worker'));
  return worker;
}

/**
 * Starts what the visit caused: the next job in line, the event, a slower queue. The sweep repeats it if it is lost
 * here.
 */
async function follow({ storage, deps, rate }: OperationWorker, queue: Queue, next: Next): Promise<void> {
  if (next.next === 'again' && next.throttled) {
    const now = await slowDown(deps.store, queue, rate);
    deps.log.warn({ queue: queue.name, visitsPerSecond: now }, 'AWS throttles; the whole queue slows down');
  }
  if (next.next === 'over' || next.next === 'resting') await announce(storage, next.job);
  if (next.next === 'over' && next.heir) await wakeHeir(storage, deps, next.heir);
}

/** Updates the board. Nothing depends on it, so its failures never reach the job. */
async function tell(job: Job, next: Next): Promise<void> {
  const percent = percentOf(next);
  await Promise.allSettled([
    ...storyOf(next, { first: job.attemptsStarted === 1, now: Date.now() }).map((line) => job.log(line)),
    percent === undefined || percent === job.progress ? undefined : job.updateProgress(percent),
  ]);
}

async function wakeHeir(storage: Storage, deps: Dependencies, heir: JobRecord): Promise<void> {
  const operation = deps.operationOf(heir.operation);
  if (operation) await wake(storage, heir, operation);
}

/** Ends the queue's job as the record ended, so that board, record and event agree. */
function ended(job: JobRecord): string {
  if (job.state === 'succeeded') return job.state;
  const end = new UnrecoverableError(`${job.state}: ${job.outcome?.reason ?? job.outcome?.status ?? ''}`);
  // The board would show the stack, which says nothing about the job.
  end.stack = '';
  throw end;
}

async function putBack(job: Job, token: string, at: number): Promise<never> {
  try {
    // New jobs go before polls. The token protects the move, but not the priority.
    if (job.priority !== pollPriority) await job.changePriority({ priority: pollPriority });
    await job.moveToDelayed(Math.max(at, Date.now() + 1), token);
  } catch {
    // The lock is lost or the queue is gone. Stalled recovery takes the job up.
  }
  throw new DelayedError();
}

async function afterTrouble(error: unknown, job: Job, { storage, deps }: OperationWorker): Promise<number> {
  // A refused commit may have succeeded, sent twice by the driver. The next read tells.
  if (error instanceof LostJob) return Date.now() + 50;
  const { operation, resource } = (job.data ?? {}) as Partial<QueuedJob>;
  const about = { job: job.id, operation, resource };
  if (error instanceof StoreTrouble) storage.outage.met(error, about, 'visit broken off');
  else deps.log.error({ ...about, err: error }, 'visit broken off');
  return Date.now() + backoff(Math.min(job.attemptsStarted || 1, 6), 'fault', deps.bounds, deps.random);
}
