// The parts of @aws-sdk/client-neptune that are used.
import type { NeptuneClient as Client } from '@aws-sdk/client-neptune';
import { lazily } from './lazily.ts';

export type NeptuneClient = Client;
export type * from '@aws-sdk/client-neptune';

export const {
  CreateDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  ListTagsForResourceCommand,
  NeptuneClient,
  StartDBClusterCommand,
  StopDBClusterCommand,
  paginateDescribeDBClusters,
  paginateDescribeDBInstances,
} = lazily<typeof import('@aws-sdk/client-neptune')>('@aws-sdk/client-neptune');
