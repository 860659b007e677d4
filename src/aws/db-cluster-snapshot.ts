// How a snapshot of a DB cluster is read: one function, what its statuses are, and what a caller can use of it.
import { type DBClusterSnapshot, DescribeDBClusterSnapshotsCommand } from './sdk/neptune.ts';
import { type Aws, reading } from './clients.ts';
import { faultOf } from './faults.ts';

/**
 * `DBClusterSnapshot.Status` is a free string in the model; these are the ones that AWS's own waiters for cluster snapshots
 * know. A status that isn't here counts as pending.
 */
export type DbClusterSnapshotStatus =
  'available' | 'creating' | 'deleted' | 'deleting' | 'failed' | 'incompatible-parameters' | 'incompatible-restore';

/** One snapshot as AWS describes it now, whatever cluster it is of; `undefined` when there is none of that identifier. */
export async function readDbClusterSnapshot(aws: Aws, identifier: string): Promise<DBClusterSnapshot | undefined> {
  try {
    const answer = await aws.neptune.send(
      new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: identifier }),
      reading(),
    );
    return answer.DBClusterSnapshots?.find((one) => one.DBClusterSnapshotIdentifier?.toLowerCase() === identifier);
  } catch (error) {
    if (faultOf(error).code === 'DBClusterSnapshotNotFoundFault') return undefined;
    throw error;
  }
}

/** What a caller can use of a snapshot. `snapshotCreateTime` is ISO 8601, `allocatedStorage` in GiB. */
export function dbClusterSnapshotResult(snapshot: DBClusterSnapshot) {
  return {
    dbClusterSnapshotIdentifier: snapshot.DBClusterSnapshotIdentifier,
    dbClusterSnapshotArn: snapshot.DBClusterSnapshotArn,
    dbClusterIdentifier: snapshot.DBClusterIdentifier,
    snapshotCreateTime: snapshot.SnapshotCreateTime?.toISOString(),
    status: snapshot.Status,
    percentProgress: snapshot.PercentProgress,
    allocatedStorage: snapshot.AllocatedStorage,
    engine: snapshot.Engine,
    engineVersion: snapshot.EngineVersion,
    snapshotType: snapshot.SnapshotType,
    storageEncrypted: snapshot.StorageEncrypted,
    kmsKeyId: snapshot.KmsKeyId,
  };
}
