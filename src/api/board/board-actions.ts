// The board's three actions, in this service's meaning: remove cancels the job, retry creates a new one, promote makes
// it due now. Bull Board's own handlers for these routes never run.
import type { FastifyRequest } from 'fastify';
import type { Config } from '../../config.ts';
import { ServiceError } from '../../errors.ts';
import { operationOf } from '../../handlers/index.ts';
import type { Operation } from '../../operation.ts';
import { requestCancel } from '../../queue/cancel.ts';
import { lookNow } from '../../queue/look-now.ts';
import { repeat } from '../../queue/repeat.ts';
import type { Storage } from '../../queue/storage.ts';
import { type JobRecord, readJob } from '../../records/job.ts';
import { askerOf, demandOperation, demandReach, demandScope } from '../auth/authorization.ts';

/** Cancels, as `DELETE /v1/jobs/:id` does. */
export async function cancelJob(request: FastifyRequest, { storage }: Place, id: string): Promise<void> {
  demandScope(request, 'cancel');
  await find(request, storage, id);
  await requestCancel(storage, id);
}

/** Creates a new job with the same input. */
export async function retryJob(request: FastifyRequest, { storage, config }: Place, id: string): Promise<void> {
  await findToRun(request, storage, id);
  const allow = (operation: Operation, target: string, resource: string) => {
    demandOperation(request, operation);
    demandReach(request, target, resource);
  };
  const { job } = await repeat(storage, config, id, { owner: request.caller.id, by: askerOf(request.caller), allow });
  request.audited.retryOf = id;
  request.audited.job = job.id;
}

/** Makes the job due now. */
export async function lookAtJob(request: FastifyRequest, { storage }: Place, id: string): Promise<void> {
  await findToRun(request, storage, id);
  await lookNow(storage, id);
}

interface Place {
  readonly config: Config;
  readonly storage: Storage;
}

/**
 * Requires the scope of the job's operation, even one that no longer exists, before the answer says anything about the
 * job.
 */
async function findToRun(request: FastifyRequest, storage: Storage, id: string): Promise<void> {
  const { operation: name } = await find(request, storage, id);
  const destructive = (operationOf(name) as Operation | undefined)?.destructive ?? 'erases';
  demandOperation(request, { name, destructive });
}

async function find(request: FastifyRequest, { store }: Storage, id: string): Promise<JobRecord> {
  request.audited.job = id;
  const { job } = await readJob(store, id);
  if (job === undefined) throw new ServiceError('job-not-found', `There is no job ${id}, or it is no longer kept.`);
  const { operation, target, resource, by } = job.value;
  Object.assign(request.audited, { operation, target, resource, by });
  return job.value;
}
