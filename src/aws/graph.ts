// Reads a Neptune Analytics graph and its snapshots.
import {
  GetGraphCommand,
  type GetGraphCommandOutput,
  GetGraphSnapshotCommand,
  type GraphSnapshotSummary,
  ListGraphSnapshotsCommand,
} from './sdk/neptune-graph.ts';
import { z } from 'zod';
import type { Refusal } from '../operation.ts';
import { readTimeout } from './call-limits.ts';
import { type Aws, reading } from './clients.ts';
import { faultOf } from './faults.ts';
import { readAllPages } from './pages.ts';

/** The pattern in the service model. AWS doesn't accept the graph's name here. */
export const graphIdentifier = z
  .string()
  .regex(/^g-[a-z0-9]{10}$/, 'the id of a graph: g- and ten lower-case letters or digits (not its name)')
  .describe('The id of the graph, as ListGraphs shows it.');

export const graphNotFound: Refusal = {
  code: 'graph-not-found',
  reason: 'There is no graph of this id in the target. Check the id, the region and the account.',
};

/** Reads one graph; `undefined` when there is none. */
export async function readGraph(aws: Aws, id: string): Promise<GetGraphCommandOutput | undefined> {
  return orAbsent(aws.graph.send(new GetGraphCommand({ graphIdentifier: id }), reading()));
}

/** Reads one snapshot by its id; `undefined` when there is none. */
export async function readGraphSnapshot(aws: Aws, id: string): Promise<GraphSnapshotSummary | undefined> {
  return orAbsent(aws.graph.send(new GetGraphSnapshotCommand({ snapshotIdentifier: id }), reading()));
}

/** The snapshots with this name, of one graph or of all. AWS filters only by graph, so it reads every page. */
export async function findGraphSnapshots(aws: Aws, name: string, graphId?: string): Promise<GraphSnapshotSummary[]> {
  const graphIdentifier = graphId === undefined ? {} : { graphIdentifier: graphId };
  const snapshots = await readAllPages<GraphSnapshotSummary>({
    action: 'ListGraphSnapshots',
    most: 100,
    time: readTimeout,
    async read(nextToken, options) {
      const command = new ListGraphSnapshotsCommand({
        maxResults: 100,
        ...graphIdentifier,
        ...(nextToken && { nextToken }),
      });
      const answer = await aws.graph.send(command, options);
      return { items: answer.graphSnapshots, next: answer.nextToken };
    },
  });
  return snapshots.filter((snapshot) => snapshot.name === name && isOf(snapshot, graphId));
}

/** Checks the graph, whatever the endpoint made of the filter. */
function isOf({ sourceGraphId }: GraphSnapshotSummary, graphId: string | undefined): boolean {
  return graphId === undefined || sourceGraphId === undefined || sourceGraphId === graphId;
}

/** The fields of a snapshot for callers. `snapshotCreateTime` is ISO 8601. */
export function snapshotResult(snapshot: GraphSnapshotSummary) {
  return {
    id: snapshot.id,
    name: snapshot.name,
    arn: snapshot.arn,
    sourceGraphId: snapshot.sourceGraphId,
    snapshotCreateTime: snapshot.snapshotCreateTime?.toISOString(),
    status: snapshot.status,
    kmsKeyIdentifier: snapshot.kmsKeyIdentifier,
  };
}

async function orAbsent<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (faultOf(error).code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
