// The package's exports for other TypeScript services: a typed client, over HTTP or directly to Redis. Importing it
// loads no other part of the service.
import type { StoreClient, StoreConnection } from './client/store-client.ts';

export { connect } from './client/http-client.ts';
export { NeptuneOpsError, type NeptuneOpsErrorCode } from './client/errors.ts';

/**
 * A client that enqueues directly into the service's Redis. It loads all operations, and must be closed. Rejects with
 * `store-unreachable` when Redis can't be reached.
 */
export async function connectStore(connection: StoreConnection): Promise<StoreClient> {
  const { openStoreClient } = await import('./client/store-client.ts');
  return openStoreClient(connection);
}

export type { Client, EnqueueOptions, OperationDescription, WaitOptions } from './client/client.ts';
export type { EndedJob, InputOf, Job, JobFilter, JobPage, JobRef, OutcomeOf } from './client/job.ts';
export type {
  DbClusterResult,
  DbClusterSnapshotResult,
  FastResetResult,
  GraphResult,
  GraphSnapshotResult,
  ImportTaskResult,
  ResultOf,
} from './client/results.ts';
export type { StoreClient, StoreConnection } from './client/store-client.ts';
export type { Connection } from './client/transport.ts';
export type { ErrorCode, FieldProblem } from './errors.ts';
export type { OperationName } from './handlers/index.ts';
export type { EventState, JobState, TerminalState } from './records/job.ts';
