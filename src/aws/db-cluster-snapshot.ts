// Reads a snapshot of a DB cluster, and lists its statuses and the fields for callers.
import { type DBClusterSnapshot, DescribeDBClusterSnapshotsCommand } from './sdk/neptune.ts';
import { type Aws, reading } from './clients.ts';
import { faultOf } from './faults.ts';

/**
 * `DBClusterSnapshot.Status` is a free string in the model. These are the values in AWS's own waiters. Any other status
 * counts as pending.
 */
export type DbClusterSnapshotStatus =
  'available' | 'creating' | 'deleted' | 'deleting' | 'failed' | 'incompatible-parameters' | 'incompatible-restore';

/** Reads one snapshot, of whatever cluster; `undefined` when there is none with that identifier. */
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

/** The fields of a snapshot for callers. `snapshotCreateTime` is ISO 8601, `allocatedStorage` in GiB. */
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
