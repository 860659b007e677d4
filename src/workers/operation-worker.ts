// Translates between the queue and the lifecycle, and is the only file that knows the queue's control-flow errors. No
// trouble of the store or the queue may reach BullMQ as a failure of the job.
import { DelayedError, type Job, type Queue, UnrecoverableError, type Worker } from 'bullmq';
import { announce } from '../queue/announce.ts';
import { slowDown } from '../queue/rate.ts';
import type { Storage } from '../queue/storage.ts';
import { type QueuedJob, deadlineDue, isDeadlineNear, pollPriority, wake } from '../queue/wake.ts';
import { type EndedJob, ended } from '../records/job.ts';
import { backoff } from './cadence.ts';
import type { Dependencies } from './visit-context.ts';
import type { JobLock } from './gate.ts';
import { LostJob, StoreTrouble } from './job-file.ts';
import { type Visited, visitJob } from './lifecycle.ts';
import { lockDuration, workerSettings } from './queue-settings.ts';
import { logLines, percentOf } from './job-log.ts';

export interface OperationWorker {
  readonly storage: Storage;
  readonly deps: Dependencies;
  /** The queue's name, and its configured visits a second. */
  readonly name: string;
  readonly rate: number;
  readonly concurrency: number;
  /** Whether jobs tell their story to the board: a log and their progress, for a round trip or two a visit. Default: no. */
  readonly tells?: boolean;
}

/** Visits the jobs of one queue until it is closed. */
export function startOperationWorker(settings: OperationWorker): Worker {
  const { storage, deps, name, concurrency } = settings;
  const queue = storage.queue(name);
  const process = async (job: Job, token = ''): Promise<string | undefined> => {
    const lock: JobLock = {
      // Positive only when the lock was there, with this worker's token, to be prolonged.
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
    // A moment early for its deadline, by another clock.
    if (isDeadlineNear(record, Date.now())) return putBack(job, token, deadlineDue(record));
    return undefined;
  };
  const worker = storage.worker(name, process, workerSettings(concurrency));
  worker.on('error', (error) => storage.outage.met(error, { queue: name }, 'worker'));
  return worker;
}

/** Wakes the next in line, announces the event, slows the queue down. Lost here, the sweep finds it. */
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

/** Shows the visit on the board. Nothing depends on it, so no trouble with it may reach the job. */
async function log(job: Job, visited: Visited): Promise<void> {
  const percent = percentOf(visited.job);
  await Promise.allSettled([
    ...logLines(visited, { first: job.attemptsStarted === 1, now: Date.now() }).map((line) => job.log(line)),
    percent === undefined || percent === job.progress ? undefined : job.updateProgress(percent),
  ]);
}

/** The queue's job ends as the record did, so that board, record and event agree. */
function endQueuedJob({ state, outcome }: EndedJob): string {
  if (state === 'succeeded') return state;
  const end = new UnrecoverableError(`${state}: ${outcome.reason ?? outcome.status ?? ''}`);
  // The board would show where in the code this stands, which says nothing of the job.
  end.stack = '';
  throw end;
}

async function putBack(job: Job, token: string, at: number): Promise<never> {
  try {
    // New work goes before polls. The priority isn't fenced by the token, the move is.
    if (job.priority !== pollPriority) await job.changePriority({ priority: pollPriority });
    await job.moveToDelayed(Math.max(at, Date.now() + 1), token);
  } catch {
    // The lock is lost or the queue is gone; the job is left to stalled recovery.
  }
  throw new DelayedError();
}

async function afterTrouble(error: unknown, job: Job, { storage, deps }: OperationWorker): Promise<number> {
  // A refused commit may be one's own success, sent twice: reading again tells.
  if (error instanceof LostJob) return Date.now() + 50;
  const { operation, resource, by } = (job.data ?? {}) as Partial<QueuedJob>;
  const about = { job: job.id, operation, resource, by };
  if (error instanceof StoreTrouble) storage.outage.met(error, about, 'visit broken off');
  else deps.log.error({ ...about, err: error }, 'visit broken off');
  return Date.now() + backoff(Math.min(job.attemptsStarted || 1, 6), 'fault', deps.bounds, deps.random);
}
