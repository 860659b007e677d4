// Requests the cancellation of a job: sets a flag beside its record and makes the job due. Only a worker ends a job.
import { ServiceError } from '../errors.ts';
import { operationOf } from '../handlers/index.ts';
import { type CancelFlag, type JobRecord, indexOf, isEnded, keyOf, readJob } from '../records/job.ts';
import type { Storage } from './storage.ts';
import { wake } from './wake.ts';

/** Returns the job as it is now. Throws `job-not-found` or `already-ended`. */
export async function requestCancel(storage: Storage, id: string): Promise<JobRecord> {
  const { at, job: stored } = await readJob(storage.store, id);
  const job = stored?.value;
  if (job === undefined) throw new ServiceError('job-not-found', `There is no job ${id}, or it is no longer kept.`);
  if (isEnded(job)) {
    throw new ServiceError('already-ended', `The job has ended: ${job.state}. An ended job can't be cancelled.`);
  }
  const flag: CancelFlag = { job: id, at };
  // Refused when the flag is set already; the job is then only made due again.
  await storage.store.commit([
    { op: 'create', key: keyOf.cancel(id), value: flag, indexes: { [indexOf.cancels]: at } },
  ]);
  const operation = operationOf(job.operation);
  if (operation) await wake(storage, job, operation);
  return job;
}
