// Makes a job due in its queue now, whatever the queue knows of it. Harmless to repeat.
import type { Job, Queue } from 'bullmq';
import type { Operation } from '../operation.ts';
import type { JobRecord } from '../records/job.ts';
import { queueOf } from './names.ts';
import type { Storage, Whereabouts } from './storage.ts';

/** What the queue keeps of a job: its id, and what the board shows. */
export interface QueuedJob {
  readonly operation: string;
  readonly resource: string;
  readonly by?: string;
  readonly retryOf?: string;
}

/** Polls stand behind new work. */
export const pollPriority = 10;

const keptInQueue = { age: 86_400 };
/** Lines of a job's log, for the board. */
const keptLines = 200;

/** So long before its deadline a job in line gets its place in the queue, to end in time; milliseconds. */
export const deadlineNear = 10_000;

/** In its queue a job in line is only for its deadline: the end of the turn before wakes it. `at`: the store's time. */
export async function addForDeadline(queue: Queue, job: JobRecord, at: number): Promise<void> {
  if (isDeadlineNear(job, at)) await addToQueue(queue, job, Math.max(1, deadlineDue(job) - at));
}

export function isDeadlineNear({ deadline }: JobRecord, at: number): boolean {
  return deadline - at < deadlineNear;
}

/** Not a moment before it, which would be a visit for nothing. */
export function deadlineDue({ deadline }: JobRecord): number {
  return deadline + 20;
}

/** Adds the record's job to its queue; does nothing when the queue has one of this id. */
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

/** Adds the job, or brings it to the front of its queue if it is there. */
export async function wake(storage: Storage, job: JobRecord, operation: Pick<Operation, 'api'>): Promise<void> {
  const [whereabouts = 'absent'] = await storage.whereabouts(queueOf(job.target, operation.api), [job.id]);
  const queue = queueFor(storage, job, operation);
  if (whereabouts !== 'there') await addAgain(queue, job, whereabouts);
  // Added for its deadline meanwhile, it would wait for that.
  await bringForward(queue, job);
}

/** For a job that its queue doesn't know, or has ended under a live record: then adding alone would silently do nothing. */
export async function addAgain(
  queue: Queue,
  job: JobRecord,
  whereabouts: Exclude<Whereabouts, 'there'>,
): Promise<void> {
  if (whereabouts === 'over') await queue.remove(job.id);
  await addToQueue(queue, job);
}

/** A delayed job becomes due; one that waits already goes to the front. An active one is being visited: nothing to do. */
export async function bringForward(queue: Queue, { id }: Pick<JobRecord, 'id'>): Promise<void> {
  const known = (await queue.getJob(id)) as Job | undefined;
  try {
    await known?.promote();
  } catch {
    await known?.changePriority({ priority: 0, lifo: true }).catch(() => undefined);
  }
}
