// Lists all resources of one target that can be stopped, page by page: DB clusters with their instances, and graphs. It
// never reads them one by one, so a look each minute costs few calls.
import {
  type DBCluster,
  type DBInstance,
  ListTagsForResourceCommand,
  paginateDescribeDBClusters,
  paginateDescribeDBInstances,
} from '@aws-sdk/client-neptune';
import {
  type GraphSummary,
  ListTagsForResourceCommand as ListGraphTagsCommand,
  paginateListGraphs,
} from '@aws-sdk/client-neptune-graph';
import type { Permissions } from '../operation.ts';
import { arns } from './arns.ts';
import { type Aws, reading } from './clients.ts';
import type { Address } from './engine.ts';

/** The IAM actions for listing. */
export const inventoryPermissions: Permissions = {
  'rds:DescribeDBClusters': [arns.any],
  'rds:DescribeDBInstances': [arns.any],
  'rds:ListTagsForResource': [arns.any],
  'neptune-graph:ListGraphs': [arns.graphs],
  'neptune-graph:ListTagsForResource': [arns.graphs],
};

/**
 * What a status means for schedules. `changing`: running and billed, but busy with something that must end first.
 * `lost`: being deleted, or broken for good.
 */
export type Condition = 'running' | 'starting' | 'stopping' | 'stopped' | 'changing' | 'lost';

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
  readonly shape: Shape;
  /** When AWS starts it by itself; milliseconds since 1970. */
  readonly restartsAt?: number;
  /** The addresses of its engines; empty for a graph. */
  readonly engines: readonly Address[];
}

const clusterConditions: Readonly<Record<string, Condition>> = {
  available: 'running',
  starting: 'starting',
  stopping: 'stopping',
  stopped: 'stopped',
  deleting: 'lost',
  deleted: 'lost',
  'cloning-failed': 'lost',
  'migration-failed': 'lost',
  'inaccessible-encryption-credentials': 'lost',
};

const graphConditions: Readonly<Record<string, Condition>> = {
  AVAILABLE: 'running',
  STARTING: 'starting',
  STOPPING: 'stopping',
  STOPPED: 'stopped',
  DELETING: 'lost',
  FAILED: 'lost',
};

/** Time limit for all pages of one list together; milliseconds. */
const lookTimeout = 60_000;

const onlyNeptune = [{ Name: 'engine', Values: ['neptune'] }];

/**
 * All DB clusters of the target. Rejects with AWS's fault when a page can't be read, because half a list is useless.
 */
export async function lookAtDbClusters(aws: Aws): Promise<ObservedResource[]> {
  const members = new Map<string, DBInstance[]>();
  const config = { client: aws.neptune, pageSize: 100 };
  const clusters: DBCluster[] = [];
  for await (const page of paginateDescribeDBClusters(config, { Filters: onlyNeptune }, looking())) {
    clusters.push(...(page.DBClusters ?? []).filter(({ Engine }) => Engine === 'neptune'));
  }
  for await (const page of paginateDescribeDBInstances(config, { Filters: onlyNeptune }, looking())) {
    for (const instance of page.DBInstances ?? []) {
      const of = instance.DBClusterIdentifier ?? '';
      members.set(of, [...(members.get(of) ?? []), instance]);
    }
  }
  return clusters.map((cluster) => clusterSighting(cluster, members.get(cluster.DBClusterIdentifier ?? '') ?? []));
}

function clusterSighting(cluster: DBCluster, instances: readonly DBInstance[]): ObservedResource {
  const id = cluster.DBClusterIdentifier?.toLowerCase() ?? '';
  const status = cluster.Status ?? 'unknown';
  const condition = clusterConditions[status] ?? 'changing';
  const restarts = cluster.AutomaticRestartTime?.getTime();
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
    settled: condition === 'stopped' || instances.every(({ DBInstanceStatus }) => DBInstanceStatus === 'available'),
    shape: { instances: classes },
    ...(condition === 'stopped' && restarts !== undefined ? { restartsAt: restarts } : {}),
    engines: instances.flatMap(({ Endpoint }) =>
      Endpoint?.Address === undefined ? [] : [{ host: Endpoint.Address, port: Endpoint.Port ?? 8182 }],
    ),
  };
}

/** All graphs of the target. Rejects with AWS's fault when a page can't be read. */
export async function lookAtGraphs(aws: Aws): Promise<ObservedResource[]> {
  const graphs: GraphSummary[] = [];
  for await (const page of paginateListGraphs({ client: aws.graph, pageSize: 100 }, {}, looking())) {
    graphs.push(...(page.graphs ?? []));
  }
  return graphs.map((graph) => ({
    kind: 'graph',
    id: graph.id ?? '',
    name: graph.name ?? graph.id ?? '',
    arn: graph.arn ?? '',
    // Without it, a graph that one list left out would look like a new one when it is back.
    ...(graph.id === undefined ? {} : { madeAs: graph.id }),
    status: graph.status ?? 'unknown',
    condition: graphConditions[graph.status ?? ''] ?? 'changing',
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

function looking(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(lookTimeout) };
}
