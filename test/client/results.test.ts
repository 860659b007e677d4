// The table of results against what operations really leave behind: every field that a real outcome has is declared.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationNames } from '../../src/handlers/index.ts';
import { type Client, type InputOf, type OperationName, type ResultOf, connect } from '../../src/index.ts';
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

interface Row<Name extends OperationName> {
  readonly input: InputOf<Name>;
  readonly fields: Fields<ResultOf<Name>>;
}

/** What each leaves behind over the sample account; a missing row does not compile, nor does a missing field. */
const rows: { readonly [Name in OperationName]: Row<Name> } = {
  'stop-db-cluster': { input: { dbClusterIdentifier: 'reports-1' }, fields: cluster },
  'start-db-cluster': { input: { dbClusterIdentifier: 'staging-1' }, fields: cluster },
  'create-db-cluster-snapshot': {
    input: { dbClusterIdentifier: 'dev-1', dbClusterSnapshotIdentifier: 'a' },
    fields: clusterSnapshot,
  },
  'fast-reset': { input: { dbClusterIdentifier: 'dev-1', confirm: 'dev-1' }, fields: reset },
  'create-graph-snapshot': { input: { graphIdentifier: sample.graph, snapshotName: 'a' }, fields: snapshot },
  'reset-graph': {
    input: { graphIdentifier: sample.graph, skipSnapshot: true, confirm: sample.graph },
    fields: graph,
  },
  'stop-graph': { input: { graphIdentifier: sample.graph }, fields: graph },
  'start-graph': { input: { graphIdentifier: sample.graph }, fields: graph },
  'watch-import-task': { input: { taskIdentifier: sample.importThatSucceeds }, fields: importTask },
  'cancel-import-task': { input: { taskIdentifier: sample.importToCancel }, fields: importTask },
};

let service: RunningService;
let client: Client;
beforeAll(async () => {
  service = await startRunningService();
  client = connect({ url: service.url });
});
afterAll(() => service?.close());

async function resultOf(operation: OperationName): Promise<object> {
  const job = await client.enqueue(operation, rows[operation].input as never);
  const { state, outcome } = await client.waitFor(job, { timeoutMs: patience });
  expect(state, JSON.stringify(outcome)).toBe('succeeded');
  return outcome.result ?? {};
}

describe('the table of results', () => {
  it('has a row for every operation of the registry', () => {
    const missing = operationNames.filter((name) => !Object.hasOwn(rows, name));
    expect(missing, 'these operations need a row in `rows` of test/client/results.test.ts').toEqual([]);
  });

  it.each(Object.keys(rows) as OperationName[])('declares what %s leaves behind', async (operation) => {
    const { fields } = rows[operation];
    const found = Object.keys(await resultOf(operation));
    expect(Object.keys(fields)).toEqual(expect.arrayContaining(found));
    const always = Object.entries(fields).flatMap(([field, when]) => (when === 'always' ? [field] : []));
    expect(found).toEqual(expect.arrayContaining(always));
  });
});
