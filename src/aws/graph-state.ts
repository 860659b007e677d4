// What every operation on a graph shares: the endings and obstacles of its states, and one look judged by a state table.
import type { GetGraphCommandOutput, GraphStatus } from './sdk/neptune-graph.ts';
import { type Judge, type Meaning, type Observation, type Refusal, type Visit } from '../operation.ts';
import type { Aws } from './clients.ts';
import { graphNotFound, readGraph } from './graph.ts';

/** The endings that are the same whatever is wanted of a graph. */
export const terminalGraphStates = {
  DELETING: { code: 'graph-deleting', reason: 'The graph is being deleted.' },
  FAILED: { code: 'graph-failed', reason: 'The graph has failed. See its status reason in AWS.' },
} as const satisfies Partial<Record<GraphStatus, Refusal>>;

/** What keeps a graph from being changed for a while, and passes by itself. */
export const transientGraphStates = {
  CREATING: 'obstacle',
  IMPORTING: 'obstacle',
  RESETTING: 'obstacle',
  SNAPSHOTTING: 'obstacle',
  UPDATING: 'obstacle',
} as const satisfies Partial<Record<GraphStatus, Meaning>>;

export type GraphVisit = Visit<{ graphIdentifier: string }, Aws>;

/** Reads the visit's graph and judges its status by the operation's table. AWS's own reason of a failure goes before ours. */
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

/** What a caller can use of a graph. `createTime` is ISO 8601, `provisionedMemory` in m-NCUs. */
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
