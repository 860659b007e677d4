// Takes a snapshot of a Neptune Analytics graph and follows that snapshot, by its own id, until it can be used.
// Never takes the graph's own status for the snapshot's: the graph reads AVAILABLE before and after.
import { CreateGraphSnapshotCommand, type GraphStatus, type SnapshotStatus } from '../aws/sdk/neptune-graph.ts';
import { z } from 'zod';
import { arns } from '../aws/arns.ts';
import { type Aws, changing, gated } from '../aws/clients.ts';
import { ForeignAnswer, faultOf, final } from '../aws/faults.ts';
import {
  findGraphSnapshots,
  graphIdentifier,
  graphNotFound,
  readGraph,
  readGraphSnapshot,
  snapshotResult,
} from '../aws/graph.ts';
import { transientGraphStates, terminalGraphStates } from '../aws/graph-state.ts';
import { claimSnapshot, clockSlack, snapshotMissing, snapshotNameInUse, tags } from '../aws/snapshot.ts';
import { type Judge, type Observation, type StateTable, type Visit, launch, noSign } from '../operation.ts';

const graphStates = {
  ...terminalGraphStates,
  ...transientGraphStates,
  AVAILABLE: 'ready',
  STARTING: 'obstacle',
  STOPPING: 'obstacle',
  STOPPED: { code: 'graph-stopped', reason: 'The graph is stopped. Start it, then ask for the snapshot again.' },
} as const satisfies StateTable<GraphStatus>;

const snapshotStates = {
  CREATING: 'pending',
  AVAILABLE: 'succeeded',
  FAILED: { code: 'snapshot-failed', reason: 'AWS could not make the snapshot.' },
  DELETING: { code: 'snapshot-deleting', reason: 'The snapshot is being deleted by somebody else.' },
} as const satisfies StateTable<SnapshotStatus>;

const input = z.strictObject({
  graphIdentifier,
  snapshotName: z
    .string()
    .max(63, 'at most 63 characters')
    .regex(
      /^(?!gs-)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      'lower-case letters, digits and single hyphens, beginning with a letter, not with gs-, not ending with a hyphen',
    )
    .describe('The name of the new snapshot.'),
  tags: tags(
    z
      .string()
      .regex(
        /^(?!aws:)[a-zA-Z+-=._:/]+$/,
        'a tag key has letters, digits and + - = . _ : / and does not begin with aws:',
      ),
    z.string(),
  ),
});
type Input = z.infer<typeof input>;

export const createGraphSnapshot = launch({
  name: 'create-graph-snapshot',
  summary: 'Take a snapshot of a Neptune Analytics graph and wait until it can be used.',
  api: 'neptune-graph',
  input,
  example: { graphIdentifier: 'g-0123456789', snapshotName: 'nightly-1', tags: { team: 'search' } },
  resource: ({ graphIdentifier }) => `graph/${graphIdentifier}`,
  destructive: 'no',
  before: graphStates,
  after: snapshotStates,
  afterOf: 'snapshot',
  timing: { firstPoll: 15_000, poll: [15_000, 120_000], deadline: 4 * 3_600_000, settle: 60_000 },
  permissions: {
    'neptune-graph:GetGraph': [arns.graph],
    'neptune-graph:CreateGraphSnapshot': [arns.graph, arns.graphSnapshots],
    'neptune-graph:TagResource': [arns.graphSnapshots],
    'neptune-graph:GetGraphSnapshot': [arns.graphSnapshots],
    'neptune-graph:ListGraphSnapshots': [arns.graphSnapshots],
  },
  // Which of the two AWS answers for a graph that is busy isn't documented.
  faults: { ValidationException: 'look-again' },
  unfound: 'submit-again',

  async prepare({ aws, input, job }: Visit<Input, Aws>, judge) {
    const graph = await readGraph(aws, input.graphIdentifier);
    if (graph === undefined) return { status: 'not-found', verdict: 'failed', ...graphNotFound };
    const seen = judge.before(graph.status ?? 'unknown');
    if (seen.verdict !== 'ready') return seen;
    // An accepted job whose record was lost with the store's last second may have made it already.
    return (await findOwn({ aws, input }, judge.after, job.createdAt, 'older')) ?? seen;
  },

  async submit({ aws, input }, _intent, gate) {
    try {
      const answer = await aws.graph.send(gated(new CreateGraphSnapshotCommand(input), gate), changing());
      // An answer that names no snapshot is no answer: it is looked for.
      if (!answer.id) throw new ForeignAnswer(200, 'no snapshot id');
      return { id: answer.id };
    } catch (error) {
      // Whether a name is taken per graph or per account isn't documented; a conflict about the name never passes.
      if (faultOf(error).code !== 'ConflictException') throw error;
      // A list that can't be read tells nothing; the refusal stands.
      const taken = await findGraphSnapshots(aws, input.snapshotName).catch(() => []);
      throw taken.length > 0 ? final(error, snapshotNameInUse) : error;
    }
  },

  async find({ aws, input }, intent, judge) {
    return (await findOwn({ aws, input }, judge, intent.at - clockSlack, 'ours')) ?? noSign('no-snapshot');
  },

  async poll({ aws, now }, handle, intent, judge) {
    const { id } = handle as { id: string };
    const snapshot = await readGraphSnapshot(aws, id);
    if (snapshot === undefined) return snapshotMissing(id, intent, now);
    return { ...judge(snapshot.status ?? 'unknown'), result: snapshotResult(snapshot) };
  },
});

/** The newest snapshot of the wished name and graph, as `claim` judges it. */
async function findOwn(
  { aws, input }: Pick<Visit<Input, Aws>, 'aws' | 'input'>,
  judge: Judge,
  since: number,
  untimed: 'ours' | 'older',
): Promise<Observation<ReturnType<typeof snapshotResult>> | undefined> {
  const found = await findGraphSnapshots(aws, input.snapshotName, input.graphIdentifier);
  const [snapshot] = found.toSorted((a, b) => time(b.snapshotCreateTime) - time(a.snapshotCreateTime));
  if (snapshot === undefined) return undefined;
  const judged = judge(snapshot.status ?? 'unknown');
  const seen = { ...judged, handle: { id: snapshot.id ?? null }, result: snapshotResult(snapshot) };
  return claimSnapshot({ seen, made: snapshot.snapshotCreateTime }, since, untimed);
}

function time(date: Date | undefined): number {
  return date?.getTime() ?? 0;
}
