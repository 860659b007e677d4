// Lists all resources of one target that can be stopped, page by page: DB clusters with their instances, and graphs. It
// never reads them one by one, so a look each minute costs few calls.
import {
  type DBCluster,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  ListTagsForResourceCommand,
} from './sdk/neptune.ts';
import {
  type GraphStatus,
  type GraphSummary,
  ListGraphsCommand,
  ListTagsForResourceCommand as ListGraphTagsCommand,
} from './sdk/neptune-graph.ts';
import type { Permissions } from '../operation.ts';
import { arns } from './arns.ts';
import { type Aws, reading } from './clients.ts';
import type { DbClusterStatus } from './db-cluster.ts';
import type { Address } from './engine.ts';
import { readAllPages } from './pages.ts';

/** The IAM actions for listing. */
export const inventoryPermissions: Permissions = {
  'rds:DescribeDBClusters': [arns.any],
  'rds:DescribeDBInstances': [arns.any],
  'rds:ListTagsForResource': [arns.any],
  'neptune-graph:ListGraphs': [arns.graphs],
  'neptune-graph:ListTagsForResource': [arns.graphs],
};

/**
 * What a status means to a sleeper. `changing`: awake and billed, but busy with something that must pass first.
 * `recoverable`: AWS can't use its KMS key; once it can again, the cluster wants to be started, within seven days.
 * `lost`: being deleted, or broken for good.
 */
export type Condition = 'running' | 'starting' | 'stopping' | 'stopped' | 'changing' | 'recoverable' | 'lost';

/**
 * What is billed while it runs: instances by class (`db.r6g.large` → 2), or a graph's memory in GB, replicas included.
 */
export type Shape = { readonly instances: Readonly<Record<string, number>> } | { readonly memory: number };

/** One resource as a list showed it. A list may be minutes old. */
export interface ObservedResource {
  readonly kind: 'db-cluster' | 'graph';
  readonly id: string;
  /** A graph's name; a cluster's identifier. */
  readonly name: string;
  readonly arn: string;
  /** AWS's own id of a cluster, which differs for another cluster of the same name. A graph has its `id`. */
  readonly resourceUid?: string;
  readonly status: string;
  readonly condition: Condition;
  /** Whether all its parts are at rest, so that it can be changed. */
  readonly settled: boolean;
  /** Of one that isn't settled: which part isn't at rest, and AWS's word for how it is. */
  readonly unsettled?: string;
  readonly shape: Shape;
  /** When AWS starts it by itself; milliseconds since 1970. */
  readonly restartsAt?: number;
  /** The addresses of its engines; empty for a graph. */
  readonly engines: readonly Address[];
}

const clusterConditions = {
  available: 'running',
  'backing-up': 'changing',
  'cloning-failed': 'lost',
  'configuring-iam-database-auth': 'changing',
  creating: 'changing',
  deleted: 'lost',
  deleting: 'lost',
  'failing-over': 'changing',
  'inaccessible-encryption-credentials': 'lost',
  'inaccessible-encryption-credentials-recoverable': 'recoverable',
  maintenance: 'changing',
  migrating: 'changing',
  'migration-failed': 'lost',
  modifying: 'changing',
  'preparing-data-migration': 'changing',
  promoting: 'changing',
  renaming: 'changing',
  'resetting-master-credentials': 'changing',
  starting: 'starting',
  stopped: 'stopped',
  stopping: 'stopping',
  'storage-optimization': 'changing',
  'update-iam-db-auth': 'changing',
  upgrading: 'changing',
} as const satisfies Record<DbClusterStatus, Condition>;

const graphConditions = {
  AVAILABLE: 'running',
  CREATING: 'changing',
  DELETING: 'lost',
  FAILED: 'lost',
  IMPORTING: 'changing',
  RESETTING: 'changing',
  SNAPSHOTTING: 'changing',
  STARTING: 'starting',
  STOPPED: 'stopped',
  STOPPING: 'stopping',
  UPDATING: 'changing',
} as const satisfies Record<GraphStatus, Condition>;

/** A status that no table knows is a change that passes: AWS adds states. */
function conditionOf(table: Readonly<Record<string, Condition>>, status: string): Condition {
  return (Object.hasOwn(table, status) ? table[status] : undefined) ?? 'changing';
}

/** Time limit for all pages of one list together; milliseconds. */
const lookTimeout = 60_000;
/** Twenty thousand resources of a kind in one target. */
const mostPages = 200;

const onlyNeptune = { Filters: [{ Name: 'engine', Values: ['neptune'] }], MaxRecords: 100 };

/**
 * All DB clusters of the target. Rejects with AWS's fault when a page can't be read, because half a list is useless.
 */
export async function lookAtDbClusters(aws: Aws): Promise<ObservedResource[]> {
  const clusters = await readAllPages<DBCluster>({
    action: 'DescribeDBClusters',
    most: mostPages,
    time: lookTimeout,
    async read(Marker, options) {
      const command = new DescribeDBClustersCommand({ ...onlyNeptune, ...(Marker && { Marker }) });
      const answer = await aws.neptune.send(command, options);
      return { items: answer.DBClusters?.filter(({ Engine }) => Engine === 'neptune'), next: answer.Marker };
    },
  });
  const instances = await readAllPages<DBInstance>({
    action: 'DescribeDBInstances',
    most: mostPages,
    time: lookTimeout,
    async read(Marker, options) {
      const command = new DescribeDBInstancesCommand({ ...onlyNeptune, ...(Marker && { Marker }) });
      const answer = await aws.neptune.send(command, options);
      return { items: answer.DBInstances, next: answer.Marker };
    },
  });
  const members = new Map<string, DBInstance[]>();
  for (const instance of instances) {
    const of = instance.DBClusterIdentifier ?? '';
    const others = members.get(of);
    if (others) others.push(instance);
    else members.set(of, [instance]);
  }
  return clusters.map((cluster) => clusterSighting(cluster, members.get(cluster.DBClusterIdentifier ?? '') ?? []));
}

function clusterSighting(cluster: DBCluster, instances: readonly DBInstance[]): ObservedResource {
  const id = cluster.DBClusterIdentifier?.toLowerCase() ?? '';
  const status = cluster.Status ?? 'unknown';
  const condition = conditionOf(clusterConditions, status);
  const restarts = cluster.AutomaticRestartTime?.getTime();
  const moving = instances.find(({ DBInstanceStatus }) => DBInstanceStatus !== 'available');
  const settled = condition === 'stopped' || moving === undefined;
  const classes: Record<string, number> = {};
  for (const { DBInstanceClass: name = 'unknown' } of instances) classes[name] = (classes[name] ?? 0) + 1;
  return {
    kind: 'db-cluster',
    id,
    name: id,
    arn: cluster.DBClusterArn ?? '',
    ...(cluster.DbClusterResourceId === undefined ? {} : { resourceUid: cluster.DbClusterResourceId }),
    status,
    condition,
    settled,
    ...(settled ? {} : { unsettled: `${moving?.DBInstanceIdentifier} is ${moving?.DBInstanceStatus}` }),
    shape: { instances: classes },
    ...(condition === 'stopped' && restarts !== undefined ? { restartsAt: restarts } : {}),
    engines: instances.flatMap(({ Endpoint }) =>
      Endpoint?.Address === undefined ? [] : [{ host: Endpoint.Address, port: Endpoint.Port ?? 8182 }],
    ),
  };
}

/** All graphs of the target. Rejects with AWS's fault when a page can't be read. */
export async function lookAtGraphs(aws: Aws): Promise<ObservedResource[]> {
  const graphs = await readAllPages<GraphSummary>({
    action: 'ListGraphs',
    most: mostPages,
    time: lookTimeout,
    async read(nextToken, options) {
      const answer = await aws.graph.send(
        new ListGraphsCommand({ maxResults: 100, ...(nextToken && { nextToken }) }),
        options,
      );
      return { items: answer.graphs, next: answer.nextToken };
    },
  });
  return graphs.map((graph) => ({
    kind: 'graph',
    id: graph.id ?? '',
    name: graph.name ?? graph.id ?? '',
    arn: graph.arn ?? '',
    // Without it, a graph that one list left out would look like a new one when it is back.
    ...(graph.id === undefined ? {} : { resourceUid: graph.id }),
    status: graph.status ?? 'unknown',
    condition: conditionOf(graphConditions, graph.status ?? ''),
    settled: true,
    // Every replica is billed like the graph itself.
    shape: { memory: (graph.provisionedMemory ?? 0) * (1 + (graph.replicaCount ?? 0)) },
    engines: [],
  }));
}

/** The tags of one resource. Rejects with AWS's fault. */
export async function readTags(
  aws: Aws,
  { kind, arn }: Pick<ObservedResource, 'kind' | 'arn'>,
): Promise<Record<string, string>> {
  if (kind === 'graph') {
    const { tags } = await aws.graph.send(new ListGraphTagsCommand({ resourceArn: arn }), reading());
    return tags ?? {};
  }
  const { TagList = [] } = await aws.neptune.send(new ListTagsForResourceCommand({ ResourceName: arn }), reading());
  return Object.fromEntries(TagList.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));
}
