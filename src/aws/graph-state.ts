// Shared by all operations on a graph: states that end or delay every operation, and a look at the graph that a state
// table judges.
import type { GetGraphCommandOutput, GraphStatus } from './sdk/neptune-graph.ts';
import { type Judge, type Meaning, type Observation, type Refusal, type Visit } from '../operation.ts';
import type { Aws } from './clients.ts';
import { graphNotFound, readGraph } from './graph.ts';

/** States that end every operation on a graph the same way. */
export const terminalGraphStates = {
  DELETING: { code: 'graph-deleting', reason: 'The graph is being deleted.' },
  FAILED: { code: 'graph-failed', reason: 'The graph has failed. See its status reason in AWS.' },
} as const satisfies Partial<Record<GraphStatus, Refusal>>;

/** States that keep a graph from being changed, and that pass by themselves. */
export const transientGraphStates = {
  CREATING: 'obstacle',
  IMPORTING: 'obstacle',
  RESETTING: 'obstacle',
  SNAPSHOTTING: 'obstacle',
  UPDATING: 'obstacle',
} as const satisfies Partial<Record<GraphStatus, Meaning>>;

export type GraphVisit = Visit<{ graphIdentifier: string }, Aws>;

/**
 * Reads the visit's graph and judges its status by the operation's table. AWS's reason for a failure is preferred to
 * the table's.
 */
export async function lookAtGraph(
  { aws, input }: GraphVisit,
  judge: Judge,
): Promise<Observation<ReturnType<typeof graphResult>>> {
  const graph = await readGraph(aws, input.graphIdentifier);
  if (graph === undefined) return { status: 'not-found', verdict: 'failed', ...graphNotFound };
  const judged = judge(graph.status ?? 'unknown');
  return {
    ...judged,
    ...(graph.statusReason && judged.verdict === 'failed' ? { reason: graph.statusReason } : {}),
    result: graphResult(graph),
  };
}

/** The fields of a graph for callers. `createTime` is ISO 8601, `provisionedMemory` in m-NCUs. */
function graphResult(graph: GetGraphCommandOutput) {
  return {
    id: graph.id,
    name: graph.name,
    arn: graph.arn,
    status: graph.status,
    statusReason: graph.statusReason,
    createTime: graph.createTime?.toISOString(),
    provisionedMemory: graph.provisionedMemory,
    endpoint: graph.endpoint,
    publicConnectivity: graph.publicConnectivity,
    vectorSearchConfiguration: graph.vectorSearchConfiguration && {
      dimension: graph.vectorSearchConfiguration.dimension,
    },
    replicaCount: graph.replicaCount,
    kmsKeyIdentifier: graph.kmsKeyIdentifier,
    sourceSnapshotId: graph.sourceSnapshotId,
    deletionProtection: graph.deletionProtection,
    buildNumber: graph.buildNumber,
  };
}
