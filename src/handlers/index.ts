// The registry: one line an operation. What isn't here doesn't exist.
import type { Aws } from '../aws/clients.ts';
import type { Operation } from '../operation.ts';
import { cancelImportTask } from './cancel-import-task.ts';
import { createDbClusterSnapshot } from './create-db-cluster-snapshot.ts';
import { createGraphSnapshot } from './create-graph-snapshot.ts';
import { fastReset } from './fast-reset.ts';
import { resetGraph } from './reset-graph.ts';
import { startDbCluster } from './start-db-cluster.ts';
import { startGraph } from './start-graph.ts';
import { stopDbCluster } from './stop-db-cluster.ts';
import { stopGraph } from './stop-graph.ts';
import { watchImportTask } from './watch-import-task.ts';

export const operations = {
  'start-db-cluster': startDbCluster,
  'stop-db-cluster': stopDbCluster,
  'create-db-cluster-snapshot': createDbClusterSnapshot,
  'fast-reset': fastReset,
  'start-graph': startGraph,
  'stop-graph': stopGraph,
  'create-graph-snapshot': createGraphSnapshot,
  'reset-graph': resetGraph,
  'watch-import-task': watchImportTask,
  'cancel-import-task': cancelImportTask,
} as const;

export type OperationName = keyof typeof operations;

/** The operation of this name, in the one erased shape; `undefined` when there is none. */
export function operationOf(name: string): Operation<Aws> | undefined {
  return Object.hasOwn(operations, name) ? (operations[name as OperationName] as unknown as Operation<Aws>) : undefined;
}

export const operationNames = Object.keys(operations) as OperationName[];
