// Makes a job due in its queue now, whatever the queue knows of it. It is safe to repeat.
import type { Job, Queue } from 'bullmq';
import type { Operation } from '../operation.ts';
import type { JobRecord } from '../records/job.ts';
import { queueOf } from './names.ts';
import type { Storage, Whereabouts } from './storage.ts';

/** The data of a job in its queue: its id, and what the board shows. */
export interface QueuedJob {
  readonly operation: string;
  readonly resource: string;
  readonly by?: string;
  readonly retryOf?: string;
}

/** The priority of polls, behind new jobs. */
export const pollPriority = 10;

const keptInQueue = { age: 86_400 };
/** The limit of lines in a queue job's log, for the board. */
const keptLines = 200;

/** How long before its deadline a job in line is put into its queue; milliseconds. */
export const deadlineNear = 10_000;

/**
 * Adds a job that waits in line to its queue, only for its deadline. The end of the turn before wakes it otherwise.
 * `at`: the store's time in milliseconds.
 */
export async function addForDeadline(queue: Queue, job: JobRecord, at: number): Promise<void> {
  if (isDeadlineNear(job, at)) await addToQueue(queue, job, Math.max(1, deadlineDue(job) - at));
}

export function isDeadlineNear({ deadline }: JobRecord, at: number): boolean {
  return deadline - at < deadlineNear;
}

/** Not before the deadline, because that visit would do nothing. */
export function deadlineDue({ deadline }: JobRecord): number {
  return deadline + 20;
}

/** Adds the record's job to its queue. Does nothing when the queue has one with this id. */
export async function addToQueue(queue: Queue, job: JobRecord, delay = 0): Promise<void> {
  const { operation, resource, by, retryOf } = job;
  const asked = by === undefined ? {} : { by };
  const data: QueuedJob = { operation, resource, ...asked, ...(retryOf === undefined ? {} : { retryOf }) };
  await queue.add(operation, data, {
    jobId: job.id,
    keepLogs: keptLines,
    removeOnComplete: keptInQueue,
    removeOnFail: keptInQueue,
    ...(delay > 0 ? { delay } : {}),
  });
}

export function queueFor(storage: Storage, job: JobRecord, operation: Pick<Operation, 'api'>): Queue {
  return storage.queue(queueOf(job.target, operation.api));
}

/** Adds the job, or moves it to the front of its queue. */
export async function wake(storage: Storage, job: JobRecord, operation: Pick<Operation, 'api'>): Promise<void> {
  const [whereabouts = 'absent'] = await storage.whereabouts(queueOf(job.target, operation.api), [job.id]);
  const queue = queueFor(storage, job, operation);
  if (whereabouts !== 'there') await addAgain(queue, job, whereabouts);
  // If it was added for its deadline meanwhile, it would wait until then.
  await bringForward(queue, job);
}

/**
 * Adds a job that its queue doesn't know, or has ended although the record is live. Merely adding it would do nothing
 * in the second case.
 */
export async function addAgain(
  queue: Queue,
  job: JobRecord,
  whereabouts: Exclude<Whereabouts, 'there'>,
): Promise<void> {
  if (whereabouts === 'over') await queue.remove(job.id);
  await addToQueue(queue, job);
}

/**
 * Makes a delayed job due, and moves a waiting one to the front. An active job is being visited, so nothing is done.
 */
export async function bringForward(queue: Queue, { id }: Pick<JobRecord, 'id'>): Promise<void> {
  const known = (await queue.getJob(id)) as Job | undefined;
  try {
    await known?.promote();
  } catch {
    await known?.changePriority({ priority: 0, lifo: true }).catch(() => undefined);
  }
}
