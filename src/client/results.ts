// The type of an outcome's `result`, by the operation's name. For an operation that isn't listed it is any JSON object.
import type { OperationName } from '../handlers/index.ts';
import type { JsonObject } from '../operation.ts';

/** A DB cluster, from the last DescribeDBClusters. Times are ISO 8601. Fields that AWS left out are absent. */
export interface DbClusterResult {
  readonly dbClusterIdentifier?: string;
  readonly dbClusterArn?: string;
  readonly dbClusterResourceId?: string;
  readonly status?: string;
  readonly percentProgress?: string;
  readonly engine?: string;
  readonly engineVersion?: string;
  readonly endpoint?: string;
  readonly readerEndpoint?: string;
  readonly port?: number;
  readonly multiAZ?: boolean;
  readonly deletionProtection?: boolean;
  readonly storageEncrypted?: boolean;
  readonly kmsKeyId?: string;
  readonly iamDatabaseAuthenticationEnabled?: boolean;
  readonly clusterCreateTime?: string;
  readonly earliestRestorableTime?: string;
  readonly latestRestorableTime?: string;
  readonly automaticRestartTime?: string;
  readonly members: readonly { readonly dbInstanceIdentifier?: string; readonly isClusterWriter?: boolean }[];
}

/**
 * A snapshot of a DB cluster. `snapshotCreateTime` is ISO 8601, `allocatedStorage` in GiB, `percentProgress` 0 to 100.
 * Fields that AWS left out are absent.
 */
export interface DbClusterSnapshotResult {
  readonly dbClusterSnapshotIdentifier?: string;
  readonly dbClusterSnapshotArn?: string;
  readonly dbClusterIdentifier?: string;
  readonly snapshotCreateTime?: string;
  readonly status?: string;
  readonly percentProgress?: number;
  readonly allocatedStorage?: number;
  readonly engine?: string;
  readonly engineVersion?: string;
  readonly snapshotType?: string;
  readonly storageEncrypted?: boolean;
  readonly kmsKeyId?: string;
}

/** The proof of a reset, and what could not be checked. A job that ended before its reset has a `DbClusterResult`. */
export interface FastResetResult {
  readonly endpoint: string;
  readonly port: number;
  readonly engineVersion?: string;
  readonly startTimeBefore?: string;
  readonly startTime: string;
  readonly unread: readonly string[];
}

/** A graph, from the last GetGraph. `createTime` is ISO 8601, `provisionedMemory` in m-NCUs. */
export interface GraphResult {
  readonly id?: string;
  readonly name?: string;
  readonly arn?: string;
  readonly status?: string;
  readonly statusReason?: string;
  readonly createTime?: string;
  readonly provisionedMemory?: number;
  readonly endpoint?: string;
  readonly publicConnectivity?: boolean;
  readonly vectorSearchConfiguration?: { readonly dimension?: number };
  readonly replicaCount?: number;
  readonly kmsKeyIdentifier?: string;
  readonly sourceSnapshotId?: string;
  readonly deletionProtection?: boolean;
  readonly buildNumber?: string;
}

/** A snapshot of a graph. `snapshotCreateTime` is ISO 8601. */
export interface GraphSnapshotResult {
  readonly id?: string;
  readonly name?: string;
  readonly arn?: string;
  readonly sourceGraphId?: string;
  readonly snapshotCreateTime?: string;
  readonly status?: string;
  readonly kmsKeyIdentifier?: string;
}

/** An import task, from the last GetImportTask. `startTime` is ISO 8601. */
export interface ImportTaskResult {
  readonly taskId?: string;
  readonly graphId?: string;
  readonly source?: string;
  readonly format?: string;
  readonly parquetType?: string;
  readonly roleArn?: string;
  readonly status?: string;
  readonly statusReason?: string;
  readonly attemptNumber?: number;
  readonly importOptions?: JsonObject;
  readonly importTaskDetails?: {
    readonly status?: string;
    readonly startTime?: string;
    readonly timeElapsedSeconds?: number;
    readonly progressPercentage?: number;
    readonly errorCount?: number;
    readonly errorDetails?: string;
    readonly statementCount?: number;
    readonly dictionaryEntryCount?: number;
  };
}

interface Results {
  'start-db-cluster': DbClusterResult;
  'stop-db-cluster': DbClusterResult;
  'create-db-cluster-snapshot': DbClusterSnapshotResult;
  'fast-reset': FastResetResult;
  'start-graph': GraphResult;
  'stop-graph': GraphResult;
  'create-graph-snapshot': GraphSnapshotResult;
  'watch-import-task': ImportTaskResult;
  'cancel-import-task': ImportTaskResult;
}

/** The `result` of an operation that succeeded. Other outcomes may have less of it, or none. */
export type ResultOf<Name extends OperationName> = Name extends keyof Results ? Results[Name] : JsonObject;
