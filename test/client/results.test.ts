// The table of results against what operations really leave behind: every field that a real outcome has is declared.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type InputOf, type OperationName, connect } from '../../src/index.ts';
import type { ResultOf } from '../../src/client/results.ts';
import { sample } from '../../emulator/sample.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';
import { patience } from '../support/patience.ts';

type Fields<Result> = Readonly<Record<keyof Required<Result>, 'always' | 'sometimes'>>;

const cluster: Fields<ResultOf<'stop-db-cluster'>> = {
  dbClusterIdentifier: 'always',
  dbClusterArn: 'always',
  dbClusterResourceId: 'always',
  status: 'always',
  percentProgress: 'sometimes',
  engine: 'always',
  engineVersion: 'always',
  endpoint: 'always',
  readerEndpoint: 'always',
  port: 'always',
  multiAZ: 'always',
  deletionProtection: 'always',
  storageEncrypted: 'always',
  kmsKeyId: 'sometimes',
  iamDatabaseAuthenticationEnabled: 'always',
  clusterCreateTime: 'always',
  earliestRestorableTime: 'sometimes',
  latestRestorableTime: 'sometimes',
  automaticRestartTime: 'sometimes',
  members: 'always',
};
const importTask: Fields<ResultOf<'watch-import-task'>> = {
  taskId: 'always',
  graphId: 'always',
  source: 'always',
  format: 'sometimes',
  parquetType: 'sometimes',
  roleArn: 'always',
  status: 'always',
  statusReason: 'sometimes',
  attemptNumber: 'sometimes',
  importOptions: 'sometimes',
  importTaskDetails: 'always',
};
const reset: Fields<ResultOf<'fast-reset'>> = {
  endpoint: 'always',
  port: 'always',
  engineVersion: 'always',
  startTimeBefore: 'always',
  startTime: 'always',
  unread: 'always',
};
const clusterSnapshot: Fields<ResultOf<'create-db-cluster-snapshot'>> = {
  dbClusterSnapshotIdentifier: 'always',
  dbClusterSnapshotArn: 'always',
  dbClusterIdentifier: 'always',
  snapshotCreateTime: 'always',
  status: 'always',
  percentProgress: 'always',
  allocatedStorage: 'sometimes',
  engine: 'always',
  engineVersion: 'always',
  snapshotType: 'always',
  storageEncrypted: 'always',
  kmsKeyId: 'sometimes',
};
const graph: Fields<ResultOf<'stop-graph'>> = {
  id: 'always',
  name: 'always',
  arn: 'always',
  status: 'always',
  statusReason: 'sometimes',
  createTime: 'always',
  provisionedMemory: 'always',
  endpoint: 'always',
  publicConnectivity: 'always',
  vectorSearchConfiguration: 'sometimes',
  replicaCount: 'always',
  kmsKeyIdentifier: 'sometimes',
  sourceSnapshotId: 'sometimes',
  deletionProtection: 'always',
  buildNumber: 'sometimes',
};
const snapshot: Fields<ResultOf<'create-graph-snapshot'>> = {
  id: 'always',
  name: 'always',
  arn: 'always',
  sourceGraphId: 'always',
  snapshotCreateTime: 'always',
  status: 'always',
  kmsKeyIdentifier: 'sometimes',
};

let service: RunningService;
let client: Client;
beforeAll(async () => {
  service = await startRunningService();
  client = connect({ url: service.url });
});
afterAll(() => service?.close());

async function resultOf<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<object> {
  const { state, outcome } = await client.waitFor(await client.enqueue(operation, input), { timeoutMs: patience });
  expect(state, JSON.stringify(outcome)).toBe('succeeded');
  return outcome.result ?? {};
}

describe('the table of results', () => {
  it.each([
    ['stop-db-cluster', cluster, () => resultOf('stop-db-cluster', { dbClusterIdentifier: 'reports-1' })],
    ['start-db-cluster', cluster, () => resultOf('start-db-cluster', { dbClusterIdentifier: 'staging-1' })],
    [
      'create-db-cluster-snapshot',
      clusterSnapshot,
      () => resultOf('create-db-cluster-snapshot', { dbClusterIdentifier: 'dev-1', dbClusterSnapshotIdentifier: 'a' }),
    ],
    ['fast-reset', reset, () => resultOf('fast-reset', { dbClusterIdentifier: 'dev-1', confirm: 'dev-1' })],
    [
      'create-graph-snapshot',
      snapshot,
      () => resultOf('create-graph-snapshot', { graphIdentifier: sample.graph, snapshotName: 'a' }),
    ],
    ['stop-graph', graph, () => resultOf('stop-graph', { graphIdentifier: sample.graph })],
    ['start-graph', graph, () => resultOf('start-graph', { graphIdentifier: sample.graph })],
    [
      'watch-import-task',
      importTask,
      () => resultOf('watch-import-task', { taskIdentifier: sample.importThatSucceeds }),
    ],
    ['cancel-import-task', importTask, () => resultOf('cancel-import-task', { taskIdentifier: sample.importToCancel })],
  ] as const)('declares what %s leaves behind', async (_operation, fields, result) => {
    const found = Object.keys(await result());
    expect(Object.keys(fields)).toEqual(expect.arrayContaining(found));
    const always = Object.entries(fields).flatMap(([field, when]) => (when === 'always' ? [field] : []));
    expect(found).toEqual(expect.arrayContaining(always));
  });
});
