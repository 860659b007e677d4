// Lets a person have a job visited before its time. This changes when the job is visited, not what the visit does.
import { ServiceError } from '../errors.ts';
import { operationOf } from '../handlers/index.ts';
import { type JobRecord, readJob } from '../records/job.ts';
import type { Storage } from './storage.ts';
import { wake } from './wake.ts';

/** Makes the job due now. Throws `job-not-found`, `already-ended`, `waits-in-line` or `unknown-operation`. */
export async function lookNow(storage: Storage, id: string): Promise<JobRecord> {
  const { job: stored } = await readJob(storage.store, id);
  const job = stored?.value;
  if (job === undefined) throw new ServiceError('job-not-found', `There is no job ${id}, or it is no longer kept.`);
  if (job.phase === 'over') {
    throw new ServiceError('already-ended', `The job has ended: ${job.state}.`);
  }
  if (job.phase === 'line') {
    throw new ServiceError(
      'waits-in-line',
      'The job waits in line. It goes on when the job that changes the resource has ended.',
    );
  }
  const operation = operationOf(job.operation);
  if (operation === undefined) {
    throw new ServiceError('unknown-operation', `This service no longer has the operation “${job.operation}”.`);
  }
  await wake(storage, job, operation);
  return job;
}
