// Every AWS call × every way it can fail, fired through the real client for one visit: what the job does about it.
// A row reads: what that visit leads to; then, where the job goes on, how it ends once the fault is gone.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EmulatedApi } from '../../emulator/api-errors.ts';
import { type OperationName, operationNames, operationOf } from '../../src/handlers/index.ts';
import { type JobRecord, isEnded } from '../../src/records/job.ts';
import type { Visited } from '../../src/workers/lifecycle.ts';
import type { Answer } from '../support/interceptor.ts';
import { type Bench, startBench } from './visits.ts';

/** What something on the way to AWS answers. */
const foreign = {
  text: { type: 'text/plain', body: 'upstream connect error or disconnect/reset before headers' },
  page: { type: 'text/html; charset=utf-8', body: '<html><body><h1>502 Bad Gateway</h1></body></html>' },
  xml: { type: 'text/xml', body: '<Response><Result/></Response>' },
} as const;

/**
 * What a visit leads to, by the error's name; `NAME after`: answered although the change was made. `text STATUS`,
 * `page STATUS`, `xml STATUS`: an answer that isn't AWS's. `drop before` and `drop after` break the connection.
 */
type Rows = Readonly<Record<string, string>>;

interface Call {
  readonly operation: OperationName;
  readonly api: Exclude<EmulatedApi, 'sqs'>;
  readonly action: string;
  /** Which visit meets it, where several make the call. */
  readonly stage: 'look' | 'submit' | 'settle' | 'follow';
  /** The change that must have happened at most once. */
  readonly change?: string;
  readonly rows: Rows;
  /** For the interceptor. */
  readonly meets: RegExp;
}

const goesOn = 'waits → succeeded';
/** What every read does, whatever the operation. */
const reads: Readonly<Record<'neptune' | 'neptune-graph' | 'neptunedata', Rows>> = {
  neptune: {
    throttle: 'throttles → succeeded',
    Throttling: 'throttles → succeeded',
    RequestLimitExceeded: 'throttles → succeeded',
    InternalFailure: goesOn,
    ServiceUnavailable: goesOn,
    'text 502': goesOn,
    'text 403': goesOn,
    'page 403': goesOn,
    'page 200': goesOn,
    'text 200': goesOn,
    'drop before': goesOn,
    'drop after': goesOn,
    ExpiredToken: 'waits for credentials → succeeded',
    InvalidClientTokenId: 'waits for credentials → succeeded',
    SignatureDoesNotMatch: 'waits for credentials → succeeded',
    MissingAuthenticationToken: 'waits for credentials → succeeded',
    RequestExpired: 'waits for credentials → succeeded',
    AccessDenied: 'fails with AccessDenied',
    InvalidParameterValue: 'fails with InvalidParameterValue',
  },
  'neptune-graph': {
    throttle: 'throttles → succeeded',
    ThrottlingException: 'throttles → succeeded',
    InternalServerException: goesOn,
    ServiceUnavailableException: goesOn,
    'text 502': goesOn,
    'text 403': goesOn,
    'page 403': goesOn,
    'page 200': goesOn,
    'text 200': goesOn,
    'drop before': goesOn,
    'drop after': goesOn,
    ExpiredTokenException: 'waits for credentials → succeeded',
    InvalidSignatureException: 'waits for credentials → succeeded',
    UnrecognizedClientException: 'waits for credentials → succeeded',
    MissingAuthenticationTokenException: 'waits for credentials → succeeded',
    AccessDeniedException: 'fails with AccessDeniedException',
    ValidationException: 'fails with ValidationException',
  },
  neptunedata: {
    throttle: 'throttles → succeeded',
    TooManyRequestsException: 'throttles → succeeded',
    ThrottlingException: 'throttles → succeeded',
    InternalFailureException: goesOn,
    ServerShutdownException: goesOn,
    ClientTimeoutException: goesOn,
    ConstraintViolationException: goesOn,
    PreconditionsFailedException: goesOn,
    'text 502': goesOn,
    'text 403': goesOn,
    'page 403': goesOn,
    'page 200': goesOn,
    'text 200': goesOn,
    'drop before': goesOn,
    'drop after': goesOn,
    ExpiredTokenException: 'waits for credentials → succeeded',
    InvalidSignatureException: 'waits for credentials → succeeded',
    AccessDeniedException: 'fails with AccessDeniedException',
    IllegalArgumentException: 'fails with IllegalArgumentException',
    InvalidArgumentException: 'fails with InvalidArgumentException',
    UnsupportedOperationException: 'fails with UnsupportedOperationException',
  },
};

/** What every change does: refused for certain, the intent is void and the state looked at anew; else it is kept. */
const changes: Readonly<Record<'neptune' | 'neptune-graph', Rows>> = {
  neptune: {
    throttle: 'throttles, intent void → succeeded',
    Throttling: 'throttles, intent void → succeeded',
    InternalFailure: 'waits, intent kept → succeeded',
    'InternalFailure after': 'waits, intent kept → succeeded',
    ServiceUnavailable: 'waits, intent kept → succeeded',
    'text 502': 'waits, intent kept → succeeded',
    'text 403': 'waits, intent kept → succeeded',
    'page 403': 'waits, intent kept → succeeded',
    'page 200': 'waits, intent kept → succeeded',
    'text 200': 'waits, intent kept → succeeded',
    'drop before': 'waits, intent kept → succeeded',
    'drop after': 'waits, intent kept → succeeded',
    ExpiredToken: 'waits for credentials, intent void → succeeded',
    RequestExpired: 'waits for credentials, intent void → succeeded',
    SignatureDoesNotMatch: 'waits for credentials, intent void → succeeded',
    AccessDenied: 'fails with AccessDenied, unchanged',
    InvalidParameterCombination: 'fails with InvalidParameterCombination, unchanged',
    // The state said that it may be asked for, so the state is looked at again: it passes.
    InvalidDBClusterStateFault: 'waits, intent void → succeeded',
    InvalidDBInstanceStateFault: 'waits, intent void → succeeded',
    DBClusterNotFoundFault: 'fails with DBClusterNotFoundFault, unchanged',
  },
  'neptune-graph': {
    throttle: 'throttles, intent void → succeeded',
    ThrottlingException: 'throttles, intent void → succeeded',
    InternalServerException: 'waits, intent kept → succeeded',
    'InternalServerException after': 'waits, intent kept → succeeded',
    ServiceUnavailableException: 'waits, intent kept → succeeded',
    'text 502': 'waits, intent kept → succeeded',
    'text 403': 'waits, intent kept → succeeded',
    'page 403': 'waits, intent kept → succeeded',
    'page 200': 'waits, intent kept → succeeded',
    'text 200': 'waits, intent kept → succeeded',
    'drop before': 'waits, intent kept → succeeded',
    'drop after': 'waits, intent kept → succeeded',
    ExpiredTokenException: 'waits for credentials, intent void → succeeded',
    InvalidSignatureException: 'waits for credentials, intent void → succeeded',
    AccessDeniedException: 'fails with AccessDeniedException, unchanged',
    ConflictException: 'waits, intent void → succeeded',
    ValidationException: 'waits, intent void → succeeded',
  },
};

/** After the change was asked for, a job that fails says that it changed something. */
function following(rows: Rows): Rows {
  return Object.fromEntries(
    Object.entries(rows).map(([fault, row]) => [fault, row.startsWith('fails') ? `${row}, changed` : row]),
  );
}

/** While the answer to the change is lost, a job that fails can't say. */
function settling(rows: Rows): Rows {
  return Object.fromEntries(
    Object.entries(rows).map(([fault, row]) => [
      fault,
      row.startsWith('fails') ? `${row}, perhaps changed` : row.replace(' →', ', intent kept →'),
    ]),
  );
}

function unchanging(rows: Rows): Rows {
  return Object.fromEntries(
    Object.entries(rows).map(([fault, row]) => [fault, row.startsWith('fails') ? `${row}, unchanged` : row]),
  );
}

/** What erases is not asked for again where its answer was lost, and nothing shows that it happened. */
function neverAgain(rows: Rows): Rows {
  return Object.fromEntries(
    Object.entries(rows).map(([fault, row]) => [
      fault,
      fault.endsWith(' after') || !row.includes('intent kept')
        ? row
        : row.replace('succeeded', 'failed with reset-not-confirmed, perhaps changed'),
    ]),
  );
}

/** A short reset is over by the time that credentials are looked at again: nobody saw it. */
function tooLateToSee(rows: Rows): Rows {
  return Object.fromEntries(
    Object.entries(rows).map(([fault, row]) => [
      fault,
      row.startsWith('waits for credentials')
        ? row.replace('succeeded', 'failed with reset-not-confirmed, perhaps changed')
        : row,
    ]),
  );
}

const clusterReads = { ...reads.neptune, DBClusterNotFoundFault: 'fails with cluster-not-found' };
const graphReads = { ...reads['neptune-graph'], ResourceNotFoundException: 'fails with graph-not-found' };
const taskReads = { ...reads['neptune-graph'], ResourceNotFoundException: 'fails with import-task-not-found' };

const graphChanges = {
  ...changes['neptune-graph'],
  ResourceNotFoundException: 'fails with ResourceNotFoundException, unchanged',
};

const describeClusters = { api: 'neptune', action: 'DescribeDBClusters', meets: /Action=DescribeDBClusters&/ } as const;
const getGraph = { api: 'neptune-graph', action: 'GetGraph', meets: /^GET \/graphs\/g-/ } as const;
const describeSnapshots = {
  api: 'neptune',
  action: 'DescribeDBClusterSnapshots',
  meets: /Action=DescribeDBClusterSnapshots/,
} as const;
const getTask = { api: 'neptune-graph', action: 'GetImportTask', meets: /^GET \/importtasks\/t-/ } as const;
const listSnapshots = { api: 'neptune-graph', action: 'ListGraphSnapshots', meets: /^GET \/snapshots\?/ } as const;
const engine = { api: 'neptunedata', action: 'GetEngineStatus', meets: /^GET \/status/ } as const;
const reset = { operation: 'fast-reset', change: 'reset' } as const;
const stop = { operation: 'stop-db-cluster', change: 'stop-db-cluster' } as const;
const start = { operation: 'start-db-cluster', change: 'start-db-cluster' } as const;
const snapshot = { operation: 'create-graph-snapshot', change: 'create-graph-snapshot' } as const;
const stopGraph = { operation: 'stop-graph', change: 'stop-graph' } as const;
const resetGraph = { operation: 'reset-graph', change: 'reset-graph' } as const;
const startGraph = { operation: 'start-graph', change: 'start-graph' } as const;
const clusterSnapshot = {
  operation: 'create-db-cluster-snapshot',
  change: 'create-db-cluster-snapshot',
} as const;
const cancel = { operation: 'cancel-import-task', change: 'cancel-import-task' } as const;

const calls: readonly Call[] = [
  { ...stop, ...describeClusters, stage: 'look', rows: unchanging(clusterReads) },
  { ...stop, ...describeClusters, stage: 'settle', rows: settling(clusterReads) },
  { ...stop, ...describeClusters, stage: 'follow', rows: following(clusterReads) },
  { ...stop, api: 'neptune', action: 'StopDBCluster', stage: 'submit', rows: changes.neptune, meets: /StopDBCluster/ },
  { ...start, ...describeClusters, stage: 'look', rows: unchanging(clusterReads) },
  { ...start, ...describeClusters, stage: 'follow', rows: following(clusterReads) },
  {
    ...start,
    api: 'neptune',
    action: 'StartDBCluster',
    stage: 'submit',
    rows: changes.neptune,
    meets: /StartDBCluster/,
  },
  { ...clusterSnapshot, ...describeClusters, stage: 'look', rows: unchanging(clusterReads) },
  // None of that name yet: that is what the look hopes for.
  {
    ...clusterSnapshot,
    ...describeSnapshots,
    stage: 'look',
    rows: { ...unchanging(reads.neptune), DBClusterSnapshotNotFoundFault: 'waits → succeeded' },
  },
  {
    ...clusterSnapshot,
    ...describeSnapshots,
    stage: 'settle',
    rows: { ...settling(reads.neptune), DBClusterSnapshotNotFoundFault: 'waits, intent kept → succeeded' },
  },
  {
    ...clusterSnapshot,
    ...describeSnapshots,
    stage: 'follow',
    // AWS's reads may not know the new snapshot yet.
    rows: following({ ...reads.neptune, DBClusterSnapshotNotFoundFault: goesOn }),
  },
  {
    ...clusterSnapshot,
    api: 'neptune',
    action: 'CreateDBClusterSnapshot',
    stage: 'submit',
    rows: {
      ...changes.neptune,
      // An answer that names no snapshot is none.
      'xml 200': 'waits, intent kept → succeeded',
      // The next look tells whose the name is; here nobody's.
      DBClusterSnapshotAlreadyExistsFault: 'waits, intent void → succeeded',
      InvalidDBClusterSnapshotStateFault: 'waits, intent void → succeeded',
      SnapshotQuotaExceededFault: 'fails with SnapshotQuotaExceededFault, unchanged',
      KMSKeyNotAccessibleFault: 'fails with KMSKeyNotAccessibleFault, unchanged',
    },
    meets: /Action=CreateDBClusterSnapshot/,
  },
  { ...stopGraph, ...getGraph, stage: 'look', rows: unchanging(graphReads) },
  { ...stopGraph, ...getGraph, stage: 'settle', rows: settling(graphReads) },
  { ...stopGraph, ...getGraph, stage: 'follow', rows: following(graphReads) },
  {
    ...stopGraph,
    api: 'neptune-graph',
    action: 'StopGraph',
    stage: 'submit',
    rows: graphChanges,
    meets: /^POST \/graphs\/g-[^/]+\/stop/,
  },
  { ...startGraph, ...getGraph, stage: 'look', rows: unchanging(graphReads) },
  { ...startGraph, ...getGraph, stage: 'follow', rows: following(graphReads) },
  {
    ...startGraph,
    api: 'neptune-graph',
    action: 'StartGraph',
    stage: 'submit',
    rows: graphChanges,
    meets: /^POST \/graphs\/g-[^/]+\/start/,
  },
  { ...resetGraph, ...getGraph, stage: 'look', rows: unchanging(graphReads) },
  { ...resetGraph, ...getGraph, stage: 'settle', rows: tooLateToSee(settling(graphReads)) },
  { ...resetGraph, ...getGraph, stage: 'follow', rows: following(graphReads) },
  {
    ...resetGraph,
    api: 'neptune-graph',
    action: 'ResetGraph',
    stage: 'submit',
    rows: neverAgain(graphChanges),
    meets: /^PUT \/graphs\/g-/,
  },
  { ...snapshot, ...getGraph, stage: 'look', rows: unchanging(graphReads) },
  {
    ...snapshot,
    ...listSnapshots,
    stage: 'look',
    rows: {
      ...unchanging(reads['neptune-graph']),
      // The operation looks again when AWS calls the request invalid; but here nothing was submitted yet.
      ResourceNotFoundException: 'fails with ResourceNotFoundException, unchanged',
    },
  },
  {
    ...snapshot,
    ...listSnapshots,
    stage: 'settle',
    rows: {
      ...settling(reads['neptune-graph']),
      ResourceNotFoundException: 'fails with ResourceNotFoundException, perhaps changed',
    },
  },
  {
    ...snapshot,
    api: 'neptune-graph',
    action: 'CreateGraphSnapshot',
    stage: 'submit',
    rows: {
      ...changes['neptune-graph'],
      ServiceQuotaExceededException: 'fails with ServiceQuotaExceededException, unchanged',
      ResourceNotFoundException: 'fails with ResourceNotFoundException, unchanged',
    },
    meets: /^POST \/snapshots/,
  },
  {
    ...snapshot,
    api: 'neptune-graph',
    action: 'GetGraphSnapshot',
    stage: 'follow',
    // AWS's reads may not know the new snapshot yet.
    rows: following({ ...reads['neptune-graph'], ResourceNotFoundException: goesOn }),
    meets: /^GET \/snapshots\/gs-/,
  },
  { operation: 'watch-import-task', ...getTask, stage: 'look', rows: unchanging(taskReads) },
  { operation: 'watch-import-task', ...getTask, stage: 'follow', rows: unchanging(taskReads) },
  { ...cancel, ...getTask, stage: 'look', rows: unchanging(taskReads) },
  { ...cancel, ...getTask, stage: 'settle', rows: settling(taskReads) },
  { ...cancel, ...getTask, stage: 'follow', rows: following(taskReads) },
  {
    ...cancel,
    api: 'neptune-graph',
    action: 'CancelImportTask',
    stage: 'submit',
    rows: { ...changes['neptune-graph'], ResourceNotFoundException: 'waits, intent void → succeeded' },
    meets: /^DELETE \/importtasks\/t-/,
  },
  { ...reset, ...describeClusters, stage: 'look', rows: unchanging(clusterReads) },
  {
    ...reset,
    api: 'neptune',
    action: 'DescribeDBInstances',
    stage: 'look',
    rows: unchanging({ ...reads.neptune, DBInstanceNotFoundFault: 'fails with DBInstanceNotFoundFault' }),
    meets: /Action=DescribeDBInstances/,
  },
  { ...reset, ...engine, stage: 'look', rows: unchanging(reads.neptunedata) },
  { ...reset, ...engine, stage: 'settle', rows: settling(reads.neptunedata) },
  { ...reset, ...engine, stage: 'follow', rows: following(reads.neptunedata) },
  {
    ...reset,
    api: 'neptunedata',
    action: 'ExecuteFastReset',
    // The first of the two steps, which changes nothing.
    stage: 'look',
    meets: /^POST \/system .*initiateDatabaseReset/,
    rows: unchanging({
      ...reads.neptunedata,
      InvalidParameterException: 'fails with InvalidParameterException',
      MethodNotAllowedException: 'fails with MethodNotAllowedException',
      MissingParameterException: 'fails with MissingParameterException',
      ReadOnlyViolationException: 'fails with not-the-writer',
    }),
  },
  {
    ...reset,
    api: 'neptunedata',
    action: 'ExecuteFastReset',
    stage: 'submit',
    meets: /^POST \/system .*performDatabaseReset/,
    rows: {
      throttle: 'throttles, intent void → succeeded',
      TooManyRequestsException: 'throttles, intent void → succeeded',
      // Answered with 500: it may have been taken.
      ThrottlingException: 'throttles, intent kept → failed with reset-not-confirmed, perhaps changed',
      ClientTimeoutException: 'waits, intent kept → failed with reset-not-confirmed, perhaps changed',
      'ClientTimeoutException after': 'waits, intent kept → succeeded',
      ServerShutdownException: 'waits, intent kept → failed with reset-not-confirmed, perhaps changed',
      'ServerShutdownException after': 'waits, intent kept → succeeded',
      'drop before': 'waits, intent kept → failed with reset-not-confirmed, perhaps changed',
      'drop after': 'waits, intent kept → succeeded',
      'text 502': 'waits, intent kept → failed with reset-not-confirmed, perhaps changed',
      'text 403': 'waits, intent kept → failed with reset-not-confirmed, perhaps changed',
      'page 403': 'waits, intent kept → failed with reset-not-confirmed, perhaps changed',
      'page 200': 'waits, intent kept → failed with reset-not-confirmed, perhaps changed',
      'text 200': 'waits, intent kept → failed with reset-not-confirmed, perhaps changed',
      ConstraintViolationException: 'waits, intent void → succeeded',
      PreconditionsFailedException: 'waits, intent void → succeeded',
      ExpiredTokenException: 'waits for credentials, intent void → succeeded',
      InvalidSignatureException: 'waits for credentials, intent void → succeeded',
      AccessDeniedException: 'fails with AccessDeniedException, unchanged',
      IllegalArgumentException: 'fails with IllegalArgumentException, unchanged',
      InvalidArgumentException: 'fails with InvalidArgumentException, unchanged',
      InvalidParameterException: 'fails with InvalidParameterException, unchanged',
      MethodNotAllowedException: 'fails with MethodNotAllowedException, unchanged',
      MissingParameterException: 'fails with MissingParameterException, unchanged',
      ReadOnlyViolationException: 'fails with not-the-writer, unchanged',
      UnsupportedOperationException: 'fails with UnsupportedOperationException, unchanged',
    },
  },
  {
    ...reset,
    api: 'neptunedata',
    action: 'ExecuteOpenCypherQuery',
    stage: 'follow',
    meets: /^POST \/opencypher/,
    rows: {
      throttle: 'throttles → succeeded',
      TooManyRequestsException: 'throttles → succeeded',
      ThrottlingException: 'throttles → succeeded',
      'drop before': goesOn,
      'text 502': goesOn,
      'text 403': goesOn,
      'page 403': goesOn,
      'page 200': goesOn,
      CancelledByUserException: goesOn,
      ClientTimeoutException: goesOn,
      ConcurrentModificationException: goesOn,
      ConstraintViolationException: goesOn,
      FailureByQueryException: goesOn,
      MemoryLimitExceededException: goesOn,
      PreconditionsFailedException: goesOn,
      QueryLimitExceededException: goesOn,
      TimeLimitExceededException: goesOn,
      ExpiredTokenException: 'waits for credentials → succeeded',
      // The reset is proven by the new process; what may not be read is said in the result.
      ...Object.fromEntries(
        [
          'AccessDeniedException',
          'BadRequestException',
          'IllegalArgumentException',
          'InvalidArgumentException',
          'InvalidNumericDataException',
          'InvalidParameterException',
          'MalformedQueryException',
          'MissingParameterException',
          'ParsingException',
          'QueryLimitException',
          'QueryTooLargeException',
          'UnsupportedOperationException',
        ].map((name) => [name, `succeeds, unread: property graph (${name})`]),
      ),
    },
  },
];

describe('every fault of every call', () => {
  it.each(operationNames)('has rows for %s', (name) => {
    const stages = calls.flatMap(({ operation, stage }) => (operation === name ? [stage] : []));
    const needed = operationOf(name)?.kind === 'watch' ? ['look', 'follow'] : ['look', 'submit', 'follow'];
    const missing = needed.filter((stage) => !stages.includes(stage as Call['stage']));
    expect(
      missing,
      `${name} needs a row in \`calls\` of test/handlers/faults.test.ts for each of these visits`,
    ).toEqual([]);
  });

  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench?.close());
  beforeEach(() => {
    bench.switches.clear();
    bench.journal.clear();
    // What the case before has set going has ended.
    bench.clock.advance(60_000);
  });

  for (const call of calls) {
    const step =
      call.action === 'ExecuteFastReset' ? (call.stage === 'submit' ? ', performing,' : ', initiating,') : '';
    describe(`${call.operation} calls ${call.action}${step} in ${call.stage}`, () => {
      it.each(Object.entries(call.rows))('%s: %s', async (fault, row) => {
        const id = await begin(bench, call);
        const first = await meet(bench, call, fault, id);
        const ended = await bench.toTheEnd(id);
        expect(first.over ? first.said : `${first.said} → ${endOf(ended)}`).toBe(row);
        if (call.change && ended.state === 'succeeded') expect(bench.journal.effects(call.change)).toHaveLength(1);
        if (row.endsWith('unchanged') && call.change) expect(bench.journal.effects(call.change)).toEqual([]);
      });
    });
  }

  it.each(calls.map((call) => [`${call.operation} calls ${call.action} in ${call.stage}`, call] as const))(
    'there is a row for every fault that the SDK documents: %s',
    (_name, { api, action, rows }) => {
      expect(documentedFaults(api, action).filter((fault) => !Object.hasOwn(rows, fault))).toEqual([]);
    },
  );
});

/** A job that has something to do, up to the visit that is to meet the fault. */
async function begin(bench: Bench, { operation, stage, action, change }: Call): Promise<string> {
  const { id } = await bench.accept(operation, await somethingToDo(bench, operation));
  if (stage === 'settle') {
    bench.between[sideOf(operation)].meetNext(submits[operation] ?? /never/, () => {
      bench.switches.drop({ when: 'after' }, { times: 1 });
      return undefined;
    });
    await bench.visit(id);
    expect(bench.journal.effects(change), `${action} was asked for`).toHaveLength(1);
    expect(await bench.job(id)).toMatchObject({ phase: 'settle' });
  }
  if (stage === 'follow') {
    while ((await bench.job(id)).phase !== 'follow') await bench.visit(id);
  }
  return id;
}

const submits: Readonly<Record<string, RegExp>> = {
  'stop-db-cluster': /Action=StopDBCluster/,
  'create-db-cluster-snapshot': /Action=CreateDBClusterSnapshot/,
  'stop-graph': /^POST \/graphs\/g-[^/]+\/stop/,
  'create-graph-snapshot': /^POST \/snapshots/,
  'reset-graph': /^PUT \/graphs\/g-/,
  'cancel-import-task': /^DELETE \/importtasks/,
  'fast-reset': /performDatabaseReset/,
};

function sideOf(operation: string): 'neptune' | 'graph' | 'data' {
  return operation === 'fast-reset' ? 'data' : operation.includes('db-cluster') ? 'neptune' : 'graph';
}

async function somethingToDo({ account, journal, resettableGraphs }: Bench, operation: string): Promise<object> {
  if (operation === 'fast-reset') {
    account.outsider.setData('test-1', 100);
    return { dbClusterIdentifier: 'test-1', confirm: 'test-1' };
  }
  if (operation.includes('db-cluster')) {
    const dbClusterIdentifier = `dev-${account.nextSerial()}`;
    const status = operation === 'start-db-cluster' ? 'stopped' : 'available';
    await account.addCluster({ identifier: dbClusterIdentifier, status, dataPlane: false });
    if (operation !== 'create-db-cluster-snapshot') return { dbClusterIdentifier };
    return { dbClusterIdentifier, dbClusterSnapshotIdentifier: `nightly-${account.nextSerial()}` };
  }
  const status = operation === 'start-graph' ? 'STOPPED' : 'AVAILABLE';
  const graph = account.addGraph({ name: `graph-${account.nextSerial()}`, status });
  if (operation === 'stop-graph' || operation === 'start-graph') return { graphIdentifier: graph.id };
  if (operation === 'reset-graph') {
    resettableGraphs.add(`default/${graph.id}`);
    return { graphIdentifier: graph.id, skipSnapshot: true, confirm: graph.id };
  }
  if (operation === 'create-graph-snapshot') {
    return { graphIdentifier: graph.id, snapshotName: `nightly-${account.nextSerial()}` };
  }
  const task = account.addImportTask({ graphId: graph.id, totalMs: 3_600_000 });
  journal.clear();
  return { taskIdentifier: task.id };
}

/** Visits until the fault has been met; what that visit led to. */
async function meet(bench: Bench, call: Call, fault: string, id: string): Promise<{ said: string; over: boolean }> {
  const side = call.api === 'neptunedata' ? 'data' : call.api === 'neptune' ? 'neptune' : 'graph';
  let met = false;
  bench.between[side].meetNext(call.meets, () => {
    met = true;
    return strike(bench, call, fault);
  });
  for (let visits = 0; visits < 20; visits += 1) {
    bench.credentials.length = 0;
    const visited = await bench.visit(id);
    const job = await bench.job(id);
    if (met) return { said: told(visited, job, bench.credentials, call), over: isEnded(job) };
  }
  throw new Error(`${call.action} was not called`);
}

function strike({ switches }: Bench, { api, action }: Call, fault: string): Answer | undefined {
  const once = { api, action, times: 1 } as const;
  const [, kind, status] = /^(text|page|xml) (\d+)$/.exec(fault) ?? [];
  if (kind !== undefined) return { status: Number(status), ...foreign[kind as keyof typeof foreign] };
  const when = fault.endsWith(' after') ? 'after' : 'before';
  const [name = ''] = fault.split(' ');
  if (name === 'throttle') switches.throttle(once);
  else if (name === 'drop') switches.drop({ when }, once);
  else switches.fault({ code: name, when }, once);
  return undefined;
}

function told({ effect }: Visited, job: JobRecord, credentials: readonly string[], { stage }: Call): string {
  if (isEnded(job))
    return endOf(job)
      .replace(/^failed/, 'fails')
      .replace(/^succeeded/, 'succeeds');
  const waits = effect.do === 'look-again' && effect.throttled ? 'throttles' : 'waits';
  const why = credentials.length > 0 ? ' for credentials' : '';
  const intent = stage === 'look' || stage === 'follow' ? '' : `, intent ${'intent' in job ? 'kept' : 'void'}`;
  expect(job.dueAt, 'not again at once').toBeGreaterThan('intent' in job ? (job.intent?.at ?? 0) : 0);
  return `${waits}${why}${intent}`;
}

function endOf(job: JobRecord): string {
  if (!isEnded(job)) return 'not ended';
  const { outcome } = job;
  if (outcome.state === 'succeeded') {
    const unread = (outcome.result?.unread ?? []) as readonly string[];
    const more = unread.filter((what) => what !== 'RDF data');
    return more.length === 0 ? 'succeeded' : `succeeded, unread: ${more.join(', ')}`;
  }
  const changed = { true: 'changed', false: 'unchanged', unknown: 'perhaps changed' }[String(outcome.changed)];
  return `${outcome.state} with ${outcome.code}, ${changed}`;
}

/** The exceptions that the installed SDK says a call may throw. */
function documentedFaults(api: Call['api'], action: string): string[] {
  const client = createRequire(import.meta.url).resolve(`@aws-sdk/client-${api}/package.json`);
  const types = readFileSync(`${dirname(client)}/dist-types/commands/${action}Command.d.ts`, 'utf8');
  const names = [...types.matchAll(/@throws \{@link (\w+)\}/g)].map(([, name = '']) => name);
  return names.filter((name) => !name.endsWith('ServiceException'));
}
