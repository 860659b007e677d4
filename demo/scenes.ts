// The requests of the demo over the sample account: every operation, and how each job should end. Tests use them too.
import type { JobJson } from '../src/records/job-json.ts';
import { sample } from '../emulator/sample.ts';

export interface Scene {
  readonly title: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly query?: string;
  readonly ends: JobJson['state'];
}

export const scenes: readonly Scene[] = [
  {
    title: 'snapshot dev-1',
    operation: 'create-db-cluster-snapshot',
    input: { dbClusterIdentifier: 'dev-1', dbClusterSnapshotIdentifier: 'before-reset' },
    ends: 'succeeded',
  },
  {
    title: 'empty dev-1, in line',
    operation: 'fast-reset',
    input: { dbClusterIdentifier: 'dev-1', confirm: 'dev-1' },
    query: '?on-busy=wait',
    ends: 'succeeded',
  },
  {
    title: 'stop dev-2, still starting',
    operation: 'stop-db-cluster',
    input: { dbClusterIdentifier: 'dev-2' },
    ends: 'succeeded',
  },
  {
    title: 'start staging-1',
    operation: 'start-db-cluster',
    input: { dbClusterIdentifier: 'staging-1' },
    ends: 'succeeded',
  },
  {
    title: 'stop reports-1',
    operation: 'stop-db-cluster',
    input: { dbClusterIdentifier: 'reports-1' },
    ends: 'succeeded',
  },
  {
    title: 'start reports-1, in line',
    operation: 'start-db-cluster',
    input: { dbClusterIdentifier: 'reports-1' },
    query: '?on-busy=wait',
    ends: 'succeeded',
  },
  {
    title: 'snapshot a graph',
    operation: 'create-graph-snapshot',
    input: { graphIdentifier: sample.graph, snapshotName: 'demo-1' },
    ends: 'succeeded',
  },
  {
    title: 'empty that graph, in line',
    operation: 'reset-graph',
    input: { graphIdentifier: sample.graph, skipSnapshot: true, confirm: sample.graph },
    query: '?on-busy=wait',
    ends: 'succeeded',
  },
  {
    title: 'stop that graph, in line',
    operation: 'stop-graph',
    input: { graphIdentifier: sample.graph },
    query: '?on-busy=wait',
    ends: 'succeeded',
  },
  {
    title: 'start it again, in line',
    operation: 'start-graph',
    input: { graphIdentifier: sample.graph },
    query: '?on-busy=wait',
    ends: 'succeeded',
  },
  {
    title: 'watch an import',
    operation: 'watch-import-task',
    input: { taskIdentifier: sample.importThatSucceeds },
    ends: 'succeeded',
  },
  {
    title: 'watch one that fails',
    operation: 'watch-import-task',
    input: { taskIdentifier: sample.importThatFails },
    ends: 'failed',
  },
  {
    title: 'watch one to be cancelled',
    operation: 'watch-import-task',
    input: { taskIdentifier: sample.importToCancel },
    ends: 'cancelled',
  },
  {
    title: 'cancel that import',
    operation: 'cancel-import-task',
    input: { taskIdentifier: sample.importToCancel },
    ends: 'succeeded',
  },
];
