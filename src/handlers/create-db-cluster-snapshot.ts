// Takes a snapshot of a DB cluster and follows that snapshot, by its own identifier, until it can be used.
// Never takes a snapshot of another cluster, or one from before the job, for its own.
import { CreateDBClusterSnapshotCommand, type DBClusterSnapshot } from '../aws/sdk/neptune.ts';
import { z } from 'zod';
import { arns } from '../aws/arns.ts';
import { type Aws, changing, gated } from '../aws/clients.ts';
import { type DbClusterStatus, readDbCluster } from '../aws/db-cluster.ts';
import {
  type DbClusterSnapshotStatus,
  dbClusterSnapshotResult,
  readDbClusterSnapshot,
} from '../aws/db-cluster-snapshot.ts';
import {
  clusterNotFound,
  dbClusterIdentifier,
  failedClusterStates,
  identifier,
  transientStates,
  notNeptune,
} from '../aws/db-cluster-state.ts';
import { ForeignAnswer, faultOf, final } from '../aws/faults.ts';
import { claimSnapshot, clockSlack, snapshotMissing, snapshotNameTaken, tags } from '../aws/snapshot.ts';
import {
  type Judge,
  type Observation,
  type Refusal,
  type StateTable,
  type Visit,
  launch,
  noSign,
} from '../operation.ts';

const clusterStates = {
  ...failedClusterStates,
  ...transientStates,
  available: 'ready',
  // Whether AWS takes a snapshot of a stopped cluster isn't documented: it is asked, and its refusal is an answer.
  stopped: 'ready',
  starting: 'obstacle',
  stopping: 'obstacle',
} as const satisfies StateTable<DbClusterStatus>;

const snapshotDeleted: Refusal = {
  code: 'snapshot-deleting',
  reason: 'The snapshot is being deleted by somebody else.',
};
const snapshotFailed: Refusal = { code: 'snapshot-failed', reason: 'AWS could not make the snapshot.' };
const snapshotStates = {
  creating: 'pending',
  available: 'succeeded',
  deleting: snapshotDeleted,
  deleted: snapshotDeleted,
  failed: snapshotFailed,
  'incompatible-parameters': snapshotFailed,
  'incompatible-restore': snapshotFailed,
} as const satisfies StateTable<DbClusterSnapshotStatus>;

const clusterStopped: Refusal = {
  code: 'cluster-stopped',
  reason: 'The cluster is stopped, and AWS takes no snapshot of it. Start it, then ask for the snapshot again.',
};

const allowed = /^(?!aws:|rds:)[\p{L}\p{Z}\p{N}_.:/=+-]*$/u;
const rule = 'has letters, digits, spaces and _ . : / = + - and does not begin with aws: or rds:';

const input = z.strictObject({
  dbClusterIdentifier,
  dbClusterSnapshotIdentifier: identifier.describe('The identifier of the new snapshot. Stored in lower case.'),
  tags: tags(
    z.string().min(1, 'a tag key is not empty').regex(allowed, `a tag key ${rule}`),
    z.string().regex(allowed, `a tag value ${rule}`),
  ),
});
type Input = z.infer<typeof input>;
type SnapshotObservation = Observation<ReturnType<typeof dbClusterSnapshotResult>>;

export const createDbClusterSnapshot = launch({
  name: 'create-db-cluster-snapshot',
  summary: 'Take a snapshot of a DB cluster and wait until it can be used.',
  api: 'neptune',
  input,
  example: { dbClusterIdentifier: 'dev-1', dbClusterSnapshotIdentifier: 'dev-1-nightly', tags: { team: 'search' } },
  resource: ({ dbClusterIdentifier }) => `db-cluster/${dbClusterIdentifier}`,
  destructive: 'no',
  before: clusterStates,
  after: snapshotStates,
  afterOf: 'snapshot',
  timing: { firstPoll: 15_000, poll: [15_000, 120_000], deadline: 4 * 3_600_000, settle: 60_000 },
  permissions: {
    'rds:DescribeDBClusters': [arns.any],
    'rds:CreateDBClusterSnapshot': [arns.dbCluster, arns.dbClusterSnapshots],
    'rds:AddTagsToResource': [arns.dbClusterSnapshots],
    'rds:DescribeDBClusterSnapshots': [arns.any],
  },
  // The name may have been taken by this very job, its answer lost and AWS's reads behind: the look tells by whom.
  faults: { DBClusterSnapshotAlreadyExistsFault: 'wait' },
  unfound: 'submit-again',

  async prepare({ aws, input, job }: Visit<Input, Aws>, judge) {
    const cluster = await readDbCluster(aws, input.dbClusterIdentifier);
    if (cluster === undefined) return { status: 'not-found', verdict: 'failed', ...clusterNotFound };
    const status = cluster.Status ?? 'unknown';
    if (cluster.Engine !== 'neptune') return { status, verdict: 'failed', ...notNeptune(cluster.Engine) };
    const seen = judge.before(status);
    if (seen.verdict !== 'ready') return seen;
    // An accepted job whose record was lost with the store's last second may have made it already.
    const own = await findOwn({ aws, input }, judge.after, job.createdAt, 'older');
    return own ?? { ...seen, baseline: { clusterStatus: status } };
  },

  async submit({ aws, input }, { baseline }, gate) {
    const command = new CreateDBClusterSnapshotCommand({
      DBClusterIdentifier: input.dbClusterIdentifier,
      DBClusterSnapshotIdentifier: input.dbClusterSnapshotIdentifier,
      Tags: Object.entries(input.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    });
    try {
      const { DBClusterSnapshot: made } = await aws.neptune.send(gated(command, gate), changing());
      // An answer that names no snapshot is no answer: it is looked for.
      if (!made?.DBClusterSnapshotIdentifier) throw new ForeignAnswer(200, 'no snapshot identifier');
      return { identifier: input.dbClusterSnapshotIdentifier };
    } catch (error) {
      const { clusterStatus } = baseline as { clusterStatus: string };
      // Waiting doesn't start a cluster.
      const refused = clusterStatus === 'stopped' && faultOf(error).code === 'InvalidDBClusterStateFault';
      throw refused ? final(error, clusterStopped) : error;
    }
  },

  async find({ aws, input }, intent, judge) {
    return (await findOwn({ aws, input }, judge, intent.at - clockSlack, 'ours')) ?? noSign('no-snapshot');
  },

  async poll({ aws, input, now }, _handle, intent, judge) {
    const snapshot = await readDbClusterSnapshot(aws, input.dbClusterSnapshotIdentifier);
    // Where another cluster's has its name, ours is gone.
    if (snapshot === undefined || !isOf(snapshot, input)) {
      return snapshotMissing(input.dbClusterSnapshotIdentifier, intent, now);
    }
    return seenIn(snapshot, judge);
  },
});

/** The snapshot of the wished identifier, as `claim` judges it; one of another cluster is never ours. */
async function findOwn(
  { aws, input }: Pick<Visit<Input, Aws>, 'aws' | 'input'>,
  judge: Judge,
  since: number,
  untimed: 'ours' | 'older',
): Promise<SnapshotObservation | undefined> {
  const snapshot = await readDbClusterSnapshot(aws, input.dbClusterSnapshotIdentifier);
  if (snapshot === undefined) return undefined;
  const seen = { ...seenIn(snapshot, judge), handle: { identifier: input.dbClusterSnapshotIdentifier } };
  if (!isOf(snapshot, input)) return snapshotNameTaken(seen);
  return claimSnapshot({ seen, made: snapshot.SnapshotCreateTime }, since, untimed);
}

function isOf({ DBClusterIdentifier }: DBClusterSnapshot, { dbClusterIdentifier }: Input): boolean {
  return DBClusterIdentifier?.toLowerCase() === dbClusterIdentifier;
}

function seenIn(snapshot: DBClusterSnapshot, judge: Judge): SnapshotObservation {
  const percent = snapshot.PercentProgress;
  return {
    ...judge(snapshot.Status ?? 'unknown'),
    result: dbClusterSnapshotResult(snapshot),
    ...(percent === undefined ? {} : { progress: { percent } }),
  };
}
