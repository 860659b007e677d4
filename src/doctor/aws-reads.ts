// The harmless reads that the doctor tries in a target, by IAM action. None of them changes anything.
import {
  type DBCluster,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  ListTagsForResourceCommand,
} from '../aws/sdk/neptune.ts';
import {
  GetGraphCommand,
  GetGraphSnapshotCommand,
  GetImportTaskCommand,
  ListGraphSnapshotsCommand,
  ListGraphsCommand,
  ListImportTasksCommand,
  ListQueriesCommand,
  ListTagsForResourceCommand as ListGraphTagsCommand,
} from '../aws/sdk/neptune-graph.ts';
import { type Aws, reading } from '../aws/clients.ts';
import { faultOf } from '../aws/faults.ts';

/** What earlier reads found, for reads that need an id. */
export interface Seen {
  clusters: readonly DBCluster[];
  graph?: { readonly id: string; readonly arn: string; readonly status: string | undefined };
  graphSnapshot?: string;
}

export interface Read {
  readonly action: string;
  /** Returns what was found, in words; `undefined` when there was nothing to try it on. */
  try(aws: Aws, seen: Seen): Promise<string | undefined>;
}

const onlyNeptune = { Filters: [{ Name: 'engine', Values: ['neptune'] }], MaxRecords: 100 };
/** An id that doesn't exist: “not found” shows that the read is allowed. */
const nobodysTask = 't-0000000000';

export const reads: readonly Read[] = [
  {
    action: 'rds:DescribeDBClusters',
    async try(aws, seen) {
      const { DBClusters = [], Marker } = await aws.neptune.send(new DescribeDBClustersCommand(onlyNeptune), reading());
      seen.clusters = DBClusters.filter(({ Engine }) => Engine === 'neptune');
      return counted(seen.clusters.length, 'DB cluster', Marker);
    },
  },
  {
    action: 'rds:DescribeDBInstances',
    async try(aws) {
      const { DBInstances = [], Marker } = await aws.neptune.send(
        new DescribeDBInstancesCommand(onlyNeptune),
        reading(),
      );
      return counted(DBInstances.filter(({ Engine }) => Engine === 'neptune').length, 'instance', Marker);
    },
  },
  {
    action: 'rds:DescribeDBClusterSnapshots',
    async try(aws) {
      const command = new DescribeDBClusterSnapshotsCommand({ MaxRecords: 20 });
      const { DBClusterSnapshots = [], Marker } = await aws.neptune.send(command, reading());
      return counted(DBClusterSnapshots.length, 'snapshot', Marker);
    },
  },
  {
    action: 'rds:ListTagsForResource',
    async try(aws, { clusters: [cluster] }) {
      if (cluster?.DBClusterArn === undefined) return undefined;
      const command = new ListTagsForResourceCommand({ ResourceName: cluster.DBClusterArn });
      const { TagList = [] } = await aws.neptune.send(command, reading());
      return `${counted(TagList.length, 'tag')} of ${cluster.DBClusterIdentifier}`;
    },
  },
  {
    action: 'neptune-graph:ListGraphs',
    async try(aws, seen) {
      const { graphs = [], nextToken } = await aws.graph.send(new ListGraphsCommand({ maxResults: 100 }), reading());
      const first = graphs.find(({ status }) => status === 'AVAILABLE') ?? graphs[0];
      const { id, arn, status } = first ?? {};
      if (id !== undefined && arn !== undefined) seen.graph = { id, arn, status };
      return counted(graphs.length, 'graph', nextToken);
    },
  },
  {
    action: 'neptune-graph:GetGraph',
    async try(aws, { graph }) {
      if (graph === undefined) return undefined;
      const { status } = await aws.graph.send(new GetGraphCommand({ graphIdentifier: graph.id }), reading());
      return `${graph.id} is ${status}`;
    },
  },
  {
    action: 'neptune-graph:ListTagsForResource',
    async try(aws, { graph }) {
      if (graph === undefined) return undefined;
      const { tags = {} } = await aws.graph.send(new ListGraphTagsCommand({ resourceArn: graph.arn }), reading());
      return `${counted(Object.keys(tags).length, 'tag')} of ${graph.id}`;
    },
  },
  {
    action: 'neptune-graph:ListGraphSnapshots',
    async try(aws, seen) {
      const command = new ListGraphSnapshotsCommand({ maxResults: 100 });
      const { graphSnapshots = [], nextToken } = await aws.graph.send(command, reading());
      const [first] = graphSnapshots;
      if (first?.id !== undefined) seen.graphSnapshot = first.id;
      return counted(graphSnapshots.length, 'snapshot', nextToken);
    },
  },
  {
    action: 'neptune-graph:GetGraphSnapshot',
    async try(aws, { graphSnapshot }) {
      if (graphSnapshot === undefined) return undefined;
      const command = new GetGraphSnapshotCommand({ snapshotIdentifier: graphSnapshot });
      return `${graphSnapshot} is ${(await aws.graph.send(command, reading())).status}`;
    },
  },
  {
    action: 'neptune-graph:ListQueries',
    async try(aws, { graph }) {
      if (graph?.status !== 'AVAILABLE') return undefined;
      const command = new ListQueriesCommand({ graphIdentifier: graph.id, maxResults: 1 });
      await aws.graph.send(command, reading());
      return `those of ${graph.id}`;
    },
  },
  {
    action: 'neptune-graph:ListImportTasks',
    async try(aws) {
      const { tasks = [], nextToken } = await aws.graph.send(
        new ListImportTasksCommand({ maxResults: 100 }),
        reading(),
      );
      return counted(tasks.length, 'import', nextToken);
    },
  },
  {
    action: 'neptune-graph:GetImportTask',
    async try(aws) {
      try {
        await aws.graph.send(new GetImportTaskCommand({ taskIdentifier: nobodysTask }), reading());
      } catch (error) {
        if (faultOf(error).code !== 'ResourceNotFoundException') throw error;
      }
      return 'AWS lets itself be asked';
    },
  },
];

/** `more`: whether the list goes on. */
function counted(count: number, what: string, more?: string): string {
  return `${count}${more ? ' or more' : ''} ${what}${count === 1 && !more ? '' : 's'}`;
}
