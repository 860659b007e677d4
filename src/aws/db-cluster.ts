// Reads a DB cluster and its instances, and lists their statuses.
import {
  type DBCluster,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
} from './sdk/neptune.ts';
import { readTimeout } from './call-limits.ts';
import { type Aws, reading } from './clients.ts';
import { faultOf } from './faults.ts';
import { readAllPages } from './pages.ts';

/**
 * `DBCluster.Status` is a free string in the model. These values are from AWS's documentation and from other tools for
 * Neptune. Any other status counts as pending.
 */
export type DbClusterStatus =
  | 'available'
  | 'backing-up'
  | 'cloning-failed'
  | 'configuring-iam-database-auth'
  | 'creating'
  | 'deleted'
  | 'deleting'
  | 'failing-over'
  | 'inaccessible-encryption-credentials'
  | 'inaccessible-encryption-credentials-recoverable'
  | 'maintenance'
  | 'migrating'
  | 'migration-failed'
  | 'modifying'
  | 'preparing-data-migration'
  | 'promoting'
  | 'renaming'
  | 'resetting-master-credentials'
  | 'starting'
  | 'stopped'
  | 'stopping'
  | 'storage-optimization'
  | 'update-iam-db-auth'
  | 'upgrading';

/** Reads one cluster; AWS's answer may be minutes old. `undefined` when there is none with that identifier. */
export async function readDbCluster(aws: Aws, identifier: string): Promise<DBCluster | undefined> {
  try {
    const answer = await aws.neptune.send(
      new DescribeDBClustersCommand({ DBClusterIdentifier: identifier }),
      reading(),
    );
    // Checks the identifier, whatever the endpoint made of the filter.
    return answer.DBClusters?.find(({ DBClusterIdentifier }) => DBClusterIdentifier?.toLowerCase() === identifier);
  } catch (error) {
    if (faultOf(error).code === 'DBClusterNotFoundFault') return undefined;
    throw error;
  }
}

/** All member instances of a cluster. */
export async function readDbInstances(aws: Aws, clusterIdentifier: string): Promise<DBInstance[]> {
  const Filters = [{ Name: 'db-cluster-id', Values: [clusterIdentifier] }];
  const instances = await readAllPages<DBInstance>({
    action: 'DescribeDBInstances',
    // Neptune has 16 instances in a cluster at the most.
    most: 10,
    time: readTimeout,
    async read(Marker, options) {
      const command = new DescribeDBInstancesCommand({ Filters, MaxRecords: 100, ...(Marker && { Marker }) });
      const answer = await aws.neptune.send(command, options);
      return { items: answer.DBInstances, next: answer.Marker };
    },
  });
  return instances.filter((member) => (member.DBClusterIdentifier ?? clusterIdentifier) === clusterIdentifier);
}

export type ClusterResult = ReturnType<typeof clusterResult>;

/** The fields of a cluster for callers. Times are ISO 8601. */
export function clusterResult(cluster: DBCluster) {
  return {
    dbClusterIdentifier: cluster.DBClusterIdentifier,
    dbClusterArn: cluster.DBClusterArn,
    dbClusterResourceId: cluster.DbClusterResourceId,
    status: cluster.Status,
    percentProgress: cluster.PercentProgress,
    engine: cluster.Engine,
    engineVersion: cluster.EngineVersion,
    endpoint: cluster.Endpoint,
    readerEndpoint: cluster.ReaderEndpoint,
    port: cluster.Port,
    multiAZ: cluster.MultiAZ,
    deletionProtection: cluster.DeletionProtection,
    storageEncrypted: cluster.StorageEncrypted,
    kmsKeyId: cluster.KmsKeyId,
    iamDatabaseAuthenticationEnabled: cluster.IAMDatabaseAuthenticationEnabled,
    clusterCreateTime: cluster.ClusterCreateTime?.toISOString(),
    earliestRestorableTime: cluster.EarliestRestorableTime?.toISOString(),
    latestRestorableTime: cluster.LatestRestorableTime?.toISOString(),
    automaticRestartTime: cluster.AutomaticRestartTime?.toISOString(),
    members: (cluster.DBClusterMembers ?? []).map((member) => ({
      dbInstanceIdentifier: member.DBInstanceIdentifier,
      isClusterWriter: member.IsClusterWriter,
    })),
  };
}
