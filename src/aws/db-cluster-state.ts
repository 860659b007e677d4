// Shared by all operations on a DB cluster: the input, and a look at the cluster that a state table judges.
import { z } from 'zod';
import type { Aws } from './clients.ts';
import { type ClusterResult, type DbClusterStatus, clusterResult, readDbCluster } from './db-cluster.ts';
import { type Judge, type Meaning, type Observation, type Refusal, type Visit } from '../operation.ts';

/**
 * The model has no pattern for identifiers; this is the rule in AWS's documentation. Stored in lower case, as AWS does.
 */
export const identifier = z
  .string()
  .regex(
    /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,62}(?<!-)$/,
    '1 to 63 letters, digits and hyphens, beginning with a letter, with no hyphen at the end and no two together',
  )
  .toLowerCase();

export const dbClusterIdentifier = identifier.describe(
  'The identifier of the DB cluster, as DescribeDBClusters shows it. Stored in lower case.',
);

export const clusterNotFound: Refusal = {
  code: 'cluster-not-found',
  reason: 'There is no DB cluster of this identifier in the target. Check the identifier, the region and the account.',
};

/** States that end every operation on a cluster the same way. */
export const failedClusterStates = {
  deleting: { code: 'cluster-deleting', reason: 'The cluster is being deleted.' },
  deleted: { code: 'cluster-deleted', reason: 'The cluster has been deleted.' },
  'cloning-failed': {
    code: 'cluster-cloning-failed',
    reason: 'The cluster is the remainder of a clone that failed. Delete it.',
  },
  'migration-failed': {
    code: 'cluster-migration-failed',
    reason: 'The migration of this cluster failed. See its events in AWS.',
  },
  'inaccessible-encryption-credentials': {
    code: 'cluster-key-inaccessible',
    reason: 'AWS can no longer use the KMS key of this cluster. Give the key back, or restore from a backup.',
  },
} as const satisfies Partial<Record<DbClusterStatus, Refusal>>;

/** States of a running cluster that keep it from being changed, and that pass by themselves. */
export const transientStates = {
  'backing-up': 'obstacle',
  'configuring-iam-database-auth': 'obstacle',
  creating: 'obstacle',
  'failing-over': 'obstacle',
  'inaccessible-encryption-credentials-recoverable': 'obstacle',
  maintenance: 'obstacle',
  migrating: 'obstacle',
  modifying: 'obstacle',
  'preparing-data-migration': 'obstacle',
  promoting: 'obstacle',
  renaming: 'obstacle',
  'resetting-master-credentials': 'obstacle',
  'storage-optimization': 'obstacle',
  'update-iam-db-auth': 'obstacle',
  upgrading: 'obstacle',
} as const satisfies Partial<Record<DbClusterStatus, Meaning>>;

/** AWS's pages on encrypted clusters: it waits for seven days, and once the key can be used the cluster is to be started. */
const keyAway =
  'AWS can’t use the KMS key of this cluster. Give the key back within seven days, then start the cluster; later it can only be restored from a backup.';

export type DbClusterVisit = Visit<{ dbClusterIdentifier: string }, Aws>;

/**
 * Reads the visit's cluster and judges its status by the operation's table. Refuses everything but a Neptune cluster.
 */
export async function lookAtDbCluster(visit: DbClusterVisit, judge: Judge): Promise<Observation<ClusterResult>> {
  const cluster = await readDbCluster(visit.aws, visit.input.dbClusterIdentifier);
  if (cluster === undefined) return { status: 'not-found', verdict: 'failed', ...clusterNotFound };
  const status = cluster.Status ?? 'unknown';
  if (cluster.Engine !== 'neptune') return { status, verdict: 'failed', ...notNeptune(cluster.Engine) };
  const percent = Number.parseFloat(cluster.PercentProgress ?? '');
  return {
    ...judge(status),
    ...(status === 'inaccessible-encryption-credentials-recoverable' ? { reason: keyAway } : {}),
    result: clusterResult(cluster),
    ...(Number.isFinite(percent) ? { progress: { percent } } : {}),
    ...(cluster.GlobalClusterIdentifier
      ? { baseline: { globalClusterIdentifier: cluster.GlobalClusterIdentifier } }
      : {}),
  };
}

/** DescribeDBClusters also returns RDS and DocumentDB clusters. */
export function notNeptune(engine: string | undefined): Refusal {
  return {
    code: 'not-a-neptune-cluster',
    reason: `This cluster's engine is ${engine ?? 'not known'}, not neptune. neptune-ops never touches other engines.`,
  };
}
