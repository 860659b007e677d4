// Translates between BullMQ and the lifecycle. Only this file knows BullMQ's control-flow errors. A failure of the
// store or the queue never fails a job.
import { DelayedError, type Job, type Queue, UnrecoverableError, type Worker } from 'bullmq';
import { announce } from '../queue/announce.ts';
import { slowDown } from '../queue/rate.ts';
import type { Storage, WorkSettings } from '../queue/storage.ts';
import { type QueuedJob, deadlineDue, isDeadlineNear, pollPriority, wake } from '../queue/wake.ts';
import { type EndedJob, ended } from '../records/job.ts';
import { percentOf } from '../records/job-json.ts';
import { backoff } from './cadence.ts';
import type { Dependencies } from './visit-context.ts';
import type { JobLock } from './gate.ts';
import { LostJob, StoreTrouble } from './job-file.ts';
import { type Visited, visitJob } from './lifecycle.ts';
import { logLines } from './job-log.ts';

interface OperationWorker {
  readonly storage: Storage;
  readonly deps: Dependencies;
  /** The queue's name, and its configured visits per second. */
  readonly name: string;
  readonly rate: number;
  readonly concurrency: number;
  /** Whether to write a log and progress for the board, which costs one or two round trips per visit. Default: no. */
  readonly tells?: boolean;
}

/** How long a lock holds without being renewed, in milliseconds: what a crash costs before another worker takes over. */
const lockDuration = 5_000;

/** How every worker holds its jobs. */
export function workerSettings(concurrency: number): WorkSettings {
  return {
    concurrency,
    lockDuration,
    stalledInterval: 2_000,
    // Deaths are counted in the job's record: the queue's own counter is never reset, and would fail a long watch early.
    maxStalledCount: 1_000_000,
    runRetryDelay: 500,
    maximumRateLimitDelay: 1_000,
  };
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
    let visited: Visited | 'gone';
    try {
      visited = await visitJob(deps, job.id ?? '', lock);
      if (visited === 'gone') return undefined;
      await Promise.all([propagate(settings, queue, visited), settings.tells ? log(job, visited) : undefined]);
    } catch (error) {
      return putBack(job, token, await afterTrouble(error, job, settings));
    }
    const { job: record, effect } = visited;
    if (effect.do === 'look-again' || effect.do === 'rest') return putBack(job, token, effect.at);
    const end = ended(record);
    if (end) return endQueuedJob(end);
    // By this clock the visit for the deadline came a moment early.
    if (isDeadlineNear(record, Date.now())) return putBack(job, token, deadlineDue(record));
    return undefined;
  };
  const worker = storage.worker(name, process, workerSettings(concurrency));
  worker.on('error', (error) => storage.outage.met(error, { queue: name }, 'worker'));
  return worker;
}

/** Wakes the next job in line, queues the event, or slows the queue down. If this is lost, the sweep repeats it. */
async function propagate({ storage, deps, rate }: OperationWorker, queue: Queue, visited: Visited): Promise<void> {
  const { job, effect, nextInLine } = visited;
  if (effect.do === 'look-again' && effect.throttled) {
    const now = await slowDown(deps.store, queue, rate);
    deps.log.warn({ queue: queue.name, visitsPerSecond: now }, 'AWS throttles; the whole queue slows down');
  }
  await announce(storage, job);
  const operation = nextInLine && deps.operationOf(nextInLine.operation);
  if (operation) await wake(storage, nextInLine, operation);
}

/** Updates the board. Nothing depends on it, so its failures never reach the job. */
async function log(job: Job, visited: Visited): Promise<void> {
  const percent = percentOf(visited.job);
  await Promise.allSettled([
    ...logLines(visited, { first: job.attemptsStarted === 1, now: Date.now() }).map((line) => job.log(line)),
    percent === undefined || percent === job.progress ? undefined : job.updateProgress(percent),
  ]);
}

/** Ends the queue's job as the record ended, so that board, record and event agree. */
function endQueuedJob({ state, outcome }: EndedJob): string {
  if (state === 'succeeded') return state;
  const end = new UnrecoverableError(`${state}: ${outcome.reason ?? outcome.status ?? ''}`);
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
  const { operation, resource, by } = (job.data ?? {}) as Partial<QueuedJob>;
  const about = { job: job.id, operation, resource, by };
  if (error instanceof StoreTrouble) storage.outage.met(error, about, 'visit broken off');
  else deps.log.error({ ...about, err: error }, 'visit broken off');
  return Date.now() + backoff(Math.min(job.attemptsStarted || 1, 6), 'fault', deps.bounds, deps.random);
}
