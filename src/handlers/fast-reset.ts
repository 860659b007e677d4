// Empties a DB cluster with Neptune's fast reset: a token, then the reset, then proof that every process is a new one and
// the graph is empty. Must never reset a cluster that the operator didn't list, and never reset twice.
import type { DBCluster } from '../aws/sdk/neptune.ts';
import { ExecuteFastResetCommand } from '../aws/sdk/neptunedata.ts';
import { z } from 'zod';
import { arns } from '../aws/arns.ts';
import { type Aws, changing, gated, reading } from '../aws/clients.ts';
import { clusterResult, type DbClusterStatus, readDbCluster, readDbInstances } from '../aws/db-cluster.ts';
import {
  clusterNotFound,
  dbClusterIdentifier,
  failedClusterStates,
  transientStates,
  notNeptune,
} from '../aws/db-cluster-state.ts';
import { type Address, readEmptiness, readEngine } from '../aws/engine.ts';
import { faultOf, final } from '../aws/faults.ts';
import {
  type Intent,
  type Json,
  type Judge,
  type Observation,
  type StateTable,
  type Visit,
  launch,
  noSign,
} from '../operation.ts';

const clusterStates = {
  ...failedClusterStates,
  ...transientStates,
  stopped: { code: 'cluster-stopped', reason: 'The cluster is stopped. Start it, then ask for the reset again.' },
  available: 'ready',
  starting: 'obstacle',
  stopping: 'obstacle',
} as const satisfies StateTable<DbClusterStatus>;

/** What the engine shows after the call. `recovery` is GetEngineStatus's word for a process that is starting. */
const resetStates = {
  'not restarted': 'pending',
  restarting: 'pending',
  restarted: 'pending',
  'engine recovery': 'pending',
  'endpoint leads to a reader': 'pending',
  'restarted, not empty': 'pending',
  reset: 'succeeded',
} as const satisfies StateTable;

const input = z.strictObject({
  dbClusterIdentifier,
  confirm: z.string().toLowerCase().describe('The identifier once more: everything in that cluster will be gone.'),
});
type Input = z.infer<typeof input>;

/** How each process was before: what a reset changes. Committed with the intent. */
interface Baseline {
  /** By instance identifier, the writer as the cluster endpoint answers under `cluster`. */
  readonly startTimes: Readonly<Record<string, string>>;
  /** Instances that could not be asked. */
  readonly unread: readonly string[];
}

/** How long data may still be seen after the restart before the job is failed, in milliseconds. */
const emptyingTime = 60_000;

export const fastReset = launch({
  name: 'fast-reset',
  summary: 'Empty a DB cluster with Neptune’s fast reset: all data, stream and ML metadata are gone.',
  api: 'neptunedata',
  input,
  example: { dbClusterIdentifier: 'test-1', confirm: 'test-1' },
  resource: ({ dbClusterIdentifier }) => `db-cluster/${dbClusterIdentifier}`,
  destructive: 'erases',
  before: clusterStates,
  after: resetStates,
  // A signature is good for five minutes: until then a frozen process might still send its reset.
  timing: { firstPoll: 5_000, poll: [5_000, 30_000], deadline: 1_800_000, settle: 330_000 },
  permissions: {
    'rds:DescribeDBClusters': [arns.any],
    'rds:DescribeDBInstances': [arns.any],
    'neptune-db:GetEngineStatus': [arns.dbClusterData],
    'neptune-db:ResetDatabase': [arns.dbClusterData],
    'neptune-db:ReadDataViaQuery': [arns.dbClusterData],
  },
  faults: {
    ReadOnlyViolationException: {
      code: 'not-the-writer',
      reason:
        'The cluster’s endpoint led to a reader, not the writer. Nothing was reset. Ask again once its failover is over.',
    },
  },
  unfound: {
    code: 'reset-not-confirmed',
    reason:
      'The answer to the reset was lost, and no process has restarted since. Look at the cluster, then ask again.',
  },

  admit({ dbClusterIdentifier, confirm }, { target, resettable }) {
    if (confirm !== dbClusterIdentifier) {
      return { code: 'wrong-confirmation', reason: 'confirm must repeat dbClusterIdentifier. Nothing was done.' };
    }
    const entry = `${target}/${dbClusterIdentifier}`;
    if (resettable.has(entry)) return undefined;
    return {
      code: 'cluster-not-resettable',
      reason: `${entry} is not in NEPTUNE_OPS_RESETTABLE_CLUSTERS. Only the operator of this service can add it.`,
    };
  },

  async prepare(visit: Visit<Input, Aws>, judge): Promise<Observation> {
    const { aws, input } = visit;
    const cluster = await readDbCluster(aws, input.dbClusterIdentifier);
    if (cluster === undefined) return { status: 'not-found', verdict: 'failed', ...clusterNotFound };
    const status = cluster.Status ?? 'unknown';
    if (cluster.Engine !== 'neptune') return { status, verdict: 'failed', ...notNeptune(cluster.Engine) };
    const seen = judge.before(status);
    if (seen.verdict !== 'ready') return seen;
    if (cluster.Endpoint === undefined) return { status: 'no endpoint yet', verdict: 'obstacle' };
    const writer = addressOf(cluster, cluster.Endpoint);
    writers.set(visit, writer);
    const engine = await readEngine(aws, writer);
    if (engine.status !== 'healthy') return { status: `engine ${engine.status}`, verdict: 'obstacle' };
    if (engine.role === 'reader') return { status: 'endpoint leads to a reader', verdict: 'obstacle' };
    const { startTimes, unread } = await readInstances(aws, input.dbClusterIdentifier);
    if (engine.startTime === undefined) return { status: 'engine without startTime', verdict: 'obstacle' };
    const baseline: Baseline = { startTimes: { cluster: engine.startTime, ...startTimes }, unread };
    return { ...seen, baseline: baseline as unknown as Json, result: clusterResult(cluster) };
  },

  async arm(visit) {
    const answer = await visit.aws
      .data(await writerOf(visit))
      .send(new ExecuteFastResetCommand({ action: 'initiateDatabaseReset' }), reading());
    const token = answer.payload?.token;
    if (!token) throw new Error('Neptune answered the first step of the reset without a token.');
    return token;
  },

  async submit(visit, _intent, gate, token) {
    const command = new ExecuteFastResetCommand({ action: 'performDatabaseReset', token });
    await visit.aws.data(await writerOf(visit)).send(gated(command, gate), changing());
    return null;
  },

  async find(visit, intent, judge) {
    const { startTimes } = intent.baseline as unknown as Baseline;
    const { startTime } = await readEngine(visit.aws, await writerOf(visit));
    const restarted = startTime !== undefined && !Object.values(startTimes).includes(startTime);
    return restarted ? judge('restarted') : noSign('not restarted');
  },

  async poll(visit, handle, intent, judge) {
    const { aws, now } = visit;
    const { startTimes, unread } = (intent as Intent).baseline as unknown as Baseline;
    const writer = await writerOf(visit);
    try {
      const engine = await readEngine(aws, writer);
      const restarted = engine.startTime !== undefined && !Object.values(startTimes).includes(engine.startTime);
      if (!restarted || engine.status !== 'healthy') {
        return judge(restarted ? `engine ${engine.status}` : 'not restarted');
      }
      if (engine.role === 'reader') return judge('endpoint leads to a reader');
      const emptiness = await readEmptiness(aws, writer);
      if (emptiness === 'not-empty') return stillFull(judge('restarted, not empty'), handle, now);
      return {
        ...judge('reset'),
        result: {
          endpoint: writer.host,
          port: writer.port,
          engineVersion: engine.engineVersion,
          startTimeBefore: startTimes.cluster,
          startTime: engine.startTime,
          // Said, not passed over: openCypher doesn't see RDF data.
          unread: ['RDF data', ...(emptiness === 'empty' ? [] : [`property graph (${emptiness.unread})`]), ...unread],
        },
      };
    } catch (error) {
      // While it restarts, an engine refuses connections, drops them and answers 5xx.
      if (faultOf(error).class === 'transient') return judge('restarting');
      throw error;
    }
  },
});

/**
 * Where each visit found the writer. Never kept in the record: who can write there would send the reset, or the question
 * whether it happened, to a cluster or a host of their own.
 */
const writers = new WeakMap<Visit<Input, Aws>, Address>();

/** Asks AWS once a visit. Throws a refusal where the cluster is gone or has no address. */
async function writerOf(visit: Visit<Input, Aws>): Promise<Address> {
  const known = writers.get(visit);
  if (known) return known;
  const cluster = await readDbCluster(visit.aws, visit.input.dbClusterIdentifier);
  if (cluster?.Endpoint === undefined) throw final(new Error('no endpoint'), clusterNotFound);
  if (cluster.Engine !== 'neptune') throw final(new Error('not neptune'), notNeptune(cluster.Engine));
  const writer = addressOf(cluster, cluster.Endpoint);
  writers.set(visit, writer);
  return writer;
}

function addressOf({ Port: port = 8182 }: DBCluster, host: string): Address {
  return { host, port };
}

function stillFull(judged: ReturnType<Judge>, handle: Json, now: number): Observation<never> {
  const since = (handle as { fullSince?: number } | null)?.fullSince ?? now;
  const seen = { ...judged, handle: { fullSince: since } };
  if (now - since < emptyingTime) return seen;
  return {
    ...seen,
    verdict: 'failed',
    code: 'graph-not-empty',
    reason: 'The engine restarted, but the graph is not empty: it was not reset, or somebody has written since.',
  };
}

/** When each member's process began. An instance that can't be asked is named; the cluster's endpoint decides. */
async function readInstances(aws: Aws, identifier: string): Promise<Pick<Baseline, 'startTimes' | 'unread'>> {
  const instances = await readDbInstances(aws, identifier);
  const startTimes: Record<string, string> = {};
  const unread: string[] = [];
  await Promise.all(
    instances.map(async ({ DBInstanceIdentifier: id = '?', Endpoint }) => {
      try {
        if (!Endpoint?.Address || !Endpoint.Port) throw new Error('no endpoint');
        const { startTime } = await readEngine(aws, { host: Endpoint.Address, port: Endpoint.Port });
        startTimes[id] = startTime ?? '';
      } catch {
        unread.push(`instance ${id} before the reset`);
      }
    }),
  );
  return { startTimes, unread };
}
