// Repeats an ended job: creates a new job with the same input that names the old one. It never repeats a destructive
// operation, because that needs a new confirmation.
import { ServiceError } from '../errors.ts';
import { operationOf } from '../handlers/index.ts';
import type { Operation } from '../operation.ts';
import { isEnded, readJob } from '../records/job.ts';
import { type Accepted, enqueue } from './enqueue.ts';
import type { RequestRules, EnqueueRequest } from './request.ts';
import type { Storage } from './storage.ts';

/** Throws `job-not-found`, `not-ended`, `not-repeatable`, and everything that `enqueue` throws. */
export async function repeat(
  storage: Storage,
  rules: RequestRules,
  id: string,
  { owner, by, allow }: Pick<EnqueueRequest, 'owner' | 'by' | 'allow'>,
): Promise<Accepted> {
  const { job: stored } = await readJob(storage.store, id);
  const job = stored?.value;
  if (job === undefined) throw new ServiceError('job-not-found', `There is no job ${id}, or it is no longer kept.`);
  if (!isEnded(job)) {
    throw new ServiceError('not-ended', `The job is ${job.state}. Only an ended job can be repeated.`);
  }
  const { operation, target, input } = job;
  if ((operationOf(operation) as Operation | undefined)?.destructive === 'erases') {
    throw new ServiceError(
      'not-repeatable',
      `${operation} erases data, so it is never repeated by a click. Ask for it anew through the API.`,
    );
  }
  return enqueue(storage, rules, { operation, target, input, retryOf: id, owner, by, allow });
}
