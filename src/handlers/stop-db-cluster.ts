// Stops a DB cluster and ends when it is seen stopped.
import { StopDBClusterCommand } from '../aws/sdk/neptune.ts';
import { z } from 'zod';
import { arns } from '../aws/arns.ts';
import { changing, gated } from '../aws/clients.ts';
import type { DbClusterStatus } from '../aws/db-cluster.ts';
import { faultOf, final } from '../aws/faults.ts';
import { type StateTable, converge } from '../operation.ts';
import {
  type DbClusterVisit,
  dbClusterIdentifier,
  failedClusterStates,
  transientStates,
  lookAtDbCluster,
} from '../aws/db-cluster-state.ts';

const states = {
  ...failedClusterStates,
  ...transientStates,
  stopped: 'succeeded',
  stopping: 'pending',
  available: 'ready',
  starting: 'obstacle',
} as const satisfies StateTable<DbClusterStatus>;

export const stopDbCluster = converge({
  name: 'stop-db-cluster',
  summary: 'Stop a DB cluster, so that its instances cost nothing until it is started (by AWS after seven days).',
  api: 'neptune',
  input: z.strictObject({ dbClusterIdentifier }),
  example: { dbClusterIdentifier: 'dev-1' },
  resource: ({ dbClusterIdentifier }) => `db-cluster/${dbClusterIdentifier}`,
  destructive: 'interrupts',
  states,
  timing: { firstPoll: 15_000, poll: [15_000, 60_000], deadline: 2 * 3_600_000, settle: 30_000 },
  permissions: {
    'rds:StopDBCluster': [arns.dbCluster],
    'rds:DescribeDBClusters': [arns.any],
  },
  look: (visit: DbClusterVisit, judge) => lookAtDbCluster(visit, judge),
  async change(visit, gate, intent) {
    const { dbClusterIdentifier: DBClusterIdentifier } = visit.input;
    try {
      await visit.aws.neptune.send(gated(new StopDBClusterCommand({ DBClusterIdentifier }), gate), changing());
    } catch (error) {
      // A member of a global database is refused for good, under the code that otherwise means "not now".
      throw intent.baseline !== undefined && faultOf(error).class === 'state' ? final(error) : error;
    }
  },
});
