// Starts a stopped DB cluster and ends when it is seen available.
import { StartDBClusterCommand } from '../aws/sdk/neptune.ts';
import { z } from 'zod';
import { arns } from '../aws/arns.ts';
import { changing, gated } from '../aws/clients.ts';
import type { DbClusterStatus } from '../aws/db-cluster.ts';
import { type StateTable, converge } from '../operation.ts';
import {
  type DbClusterVisit,
  dbClusterIdentifier,
  failedClusterStates,
  lookAtDbCluster,
} from '../aws/db-cluster-state.ts';

const states = {
  ...failedClusterStates,
  available: 'succeeded',
  starting: 'pending',
  stopped: 'ready',
  stopping: 'obstacle',
  // The cluster is running already and comes back to available by itself.
  'backing-up': 'pending',
  'configuring-iam-database-auth': 'pending',
  creating: 'pending',
  'failing-over': 'pending',
  // Where the key is back, AWS waits to be asked; where it isn't, its refusal passes once it is.
  'inaccessible-encryption-credentials-recoverable': 'ready',
  maintenance: 'pending',
  migrating: 'pending',
  modifying: 'pending',
  'preparing-data-migration': 'pending',
  promoting: 'pending',
  renaming: 'pending',
  'resetting-master-credentials': 'pending',
  'storage-optimization': 'pending',
  'update-iam-db-auth': 'pending',
  upgrading: 'pending',
} as const satisfies StateTable<DbClusterStatus>;

export const startDbCluster = converge({
  name: 'start-db-cluster',
  summary: 'Start a stopped DB cluster and wait until it is available.',
  api: 'neptune',
  input: z.strictObject({ dbClusterIdentifier }),
  example: { dbClusterIdentifier: 'dev-1' },
  resource: ({ dbClusterIdentifier }) => `db-cluster/${dbClusterIdentifier}`,
  destructive: 'no',
  states,
  timing: { firstPoll: 30_000, poll: [15_000, 60_000], deadline: 2 * 3_600_000, settle: 30_000 },
  permissions: {
    'rds:StartDBCluster': [arns.dbCluster],
    'rds:DescribeDBClusters': [arns.any],
  },
  faults: { KMSKeyNotAccessibleFault: 'wait' },
  look: (visit: DbClusterVisit, judge) => lookAtDbCluster(visit, judge),
  change({ aws, input }, gate) {
    const command = new StartDBClusterCommand({ DBClusterIdentifier: input.dbClusterIdentifier });
    return aws.neptune.send(gated(command, gate), changing());
  },
});
