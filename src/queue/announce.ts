// Queues the completion events of ended jobs. The queue job's id derives from the job's, so adding it twice adds it
// once.
import { ServiceError } from '../errors.ts';
import { changeEvent } from './event-state.ts';
import { type JobRecord, ended, readJob } from '../records/job.ts';
import { eventJobId, eventsQueue } from './names.ts';
import type { Storage } from './storage.ts';

/** The data of an event in its queue: the job's id, and what logs and the board show. */
export interface QueuedEvent {
  readonly job: string;
  readonly operation: string;
  readonly resource: string;
  readonly by?: string;
}

/** Queues the event of an ended job. Does nothing when no event is pending. */
export async function announce(storage: Storage, job: JobRecord): Promise<void> {
  if (ended(job)?.event !== 'pending') return;
  const { id, operation, resource, by } = job;
  const data: QueuedEvent = { job: id, operation, resource, ...(by === undefined ? {} : { by }) };
  await storage.queue(eventsQueue).add(job.state, data, {
    jobId: eventJobId(id),
    removeOnComplete: true,
    removeOnFail: true,
  });
}

/** Queues those pending events again that their queue has lost or has ended. Returns how many. */
export async function announceAgain(storage: Storage, jobs: readonly JobRecord[]): Promise<number> {
  const ids = jobs.map(({ id }) => eventJobId(id));
  const whereabouts = await storage.whereabouts(eventsQueue, ids);
  const lost = jobs.filter((_, index) => whereabouts[index] !== 'there');
  for (const job of lost) {
    if (whereabouts[jobs.indexOf(job)] === 'over') await storage.queue(eventsQueue).remove(eventJobId(job.id));
    await announce(storage, job);
  }
  return lost.length;
}

/** Sends an event again that SQS refused. Throws `job-not-found` or `event-not-refused`. */
export async function sendAgain(storage: Storage, id: string): Promise<JobRecord> {
  const changed = await changeEvent(storage.store, id, 'refused', 'pending');
  if (changed !== undefined) {
    await announceAgain(storage, [changed]);
    return changed;
  }
  const { job } = await readJob(storage.store, id);
  if (job === undefined) throw new ServiceError('job-not-found', `There is no job ${id}, or it is no longer kept.`);
  const state = ended(job.value)?.event ?? 'not due yet';
  throw new ServiceError(
    'event-not-refused',
    `The event of this job is “${state}”. Only a refused event is sent again.`,
  );
}
