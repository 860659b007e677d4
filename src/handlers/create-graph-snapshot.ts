// Takes a snapshot of a Neptune Analytics graph and follows that snapshot, by its own id, until it can be used.
// Never takes the graph's own status for the snapshot's: the graph reads AVAILABLE before and after.
import { CreateGraphSnapshotCommand, type GraphStatus, type SnapshotStatus } from '@aws-sdk/client-neptune-graph';
import { z } from 'zod';
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
import { type Observation, type Refusal, type StateTable, type Visit, judge, launch } from '../operation.ts';

const graphStates = {
  AVAILABLE: 'ready',
  CREATING: 'obstacle',
  IMPORTING: 'obstacle',
  RESETTING: 'obstacle',
  SNAPSHOTTING: 'obstacle',
  STARTING: 'obstacle',
  STOPPING: 'obstacle',
  UPDATING: 'obstacle',
  STOPPED: { code: 'graph-stopped', reason: 'The graph is stopped. Start it, then ask for the snapshot again.' },
  DELETING: { code: 'graph-deleting', reason: 'The graph is being deleted.' },
  FAILED: { code: 'graph-failed', reason: 'The graph has failed. See its status reason in AWS.' },
} as const satisfies StateTable<GraphStatus>;

const snapshotStates = {
  CREATING: 'pending',
  AVAILABLE: 'succeeded',
  FAILED: { code: 'snapshot-failed', reason: 'AWS could not make the snapshot.' },
  DELETING: { code: 'snapshot-deleting', reason: 'The snapshot is being deleted by somebody else.' },
} as const satisfies StateTable<SnapshotStatus>;

const snapshotNameInUse: Refusal = {
  code: 'snapshot-name-in-use',
  reason: 'There is an older snapshot of this name. Choose another name, or delete the old one.',
};

/** AWS's clock and the store's may differ by a little; milliseconds. */
const clockSlack = 5_000;

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
  tags: z
    .record(
      z
        .string()
        .max(128, 'a tag key has at most 128 characters')
        .regex(
          /^(?!aws:)[a-zA-Z+-=._:/]+$/,
          'a tag key has letters, digits and + - = . _ : / and does not begin with aws:',
        ),
      z.string().max(256, 'a tag value has at most 256 characters'),
    )
    .refine((tags) => Object.keys(tags).length <= 50, 'at most 50 tags')
    .optional()
    .describe('Tags for the new snapshot.'),
});
type Input = z.infer<typeof input>;

/** How long AWS's reads may not know a new snapshot yet, in milliseconds. */
const appearingTime = 300_000;

export const createGraphSnapshot = launch({
  name: 'create-graph-snapshot',
  summary: 'Take a snapshot of a Neptune Analytics graph and wait until it can be used.',
  api: 'neptune-graph',
  input,
  example: { graphIdentifier: 'g-0123456789', snapshotName: 'nightly-1', tags: { team: 'search' } },
  resource: ({ graphIdentifier }) => `graph/${graphIdentifier}`,
  destructive: 'no',
  states: { ...graphStates, ...prefixed('snapshot ', snapshotStates) },
  timing: { firstPoll: 15_000, poll: [15_000, 120_000], deadline: 4 * 3_600_000, settle: 60_000 },
  actions: [
    'neptune-graph:GetGraph',
    'neptune-graph:CreateGraphSnapshot',
    'neptune-graph:TagResource',
    'neptune-graph:GetGraphSnapshot',
    'neptune-graph:ListGraphSnapshots',
  ],
  // Which of the two AWS answers for a graph that is busy isn't documented.
  faults: { ValidationException: 'look-again' },
  unfound: 'submit-again',

  async prepare({ aws, input, job }: Visit<Input, Aws>) {
    const graph = await readGraph(aws, input.graphIdentifier);
    if (graph === undefined) return { status: 'not-found', verdict: 'failed', ...graphNotFound };
    const seen = judge(graphStates, graph.status ?? 'unknown');
    if (seen.verdict !== 'ready') return seen;
    // An accepted job whose record was lost with the store's last second may have made it already.
    return (await findOwn({ aws, input }, job.createdAt, 'older')) ?? seen;
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

  async find({ aws, input }, intent) {
    return (
      (await findOwn({ aws, input }, intent.at - clockSlack, 'ours')) ?? { status: 'no-snapshot', verdict: 'ready' }
    );
  },

  async poll({ aws, now }, handle, intent) {
    const { id } = handle as { id: string };
    const snapshot = await readGraphSnapshot(aws, id);
    if (snapshot === undefined) {
      if (intent && now - intent.at < appearingTime) return { status: 'not-found', verdict: 'pending' };
      return {
        status: 'not-found',
        verdict: 'failed',
        code: 'snapshot-not-found',
        reason: `The snapshot ${id} is gone.`,
      };
    }
    return { ...judge(snapshotStates, snapshot.status ?? 'unknown'), result: snapshotResult(snapshot) };
  },
});

/**
 * A snapshot of the wished name: ours if it was made since the given time (milliseconds), a conflict if it is older. After a
 * lost answer one without a time is ours too, for there was none of the name before.
 */
async function findOwn(
  { aws, input }: Pick<Visit<Input, Aws>, 'aws' | 'input'>,
  since: number,
  untimed: 'ours' | 'older',
): Promise<Observation | undefined> {
  const found = await findGraphSnapshots(aws, input.snapshotName, input.graphIdentifier);
  const [snapshot] = found.toSorted((a, b) => time(b.snapshotCreateTime) - time(a.snapshotCreateTime));
  if (snapshot === undefined) return undefined;
  const result = snapshotResult(snapshot);
  const seen = judge(snapshotStates, snapshot.status ?? 'unknown');
  const made = snapshot.snapshotCreateTime?.getTime();
  const ours = made === undefined ? untimed === 'ours' : made >= since;
  if (!ours) return { status: seen.status, verdict: 'failed', ...snapshotNameInUse, result };
  return { ...seen, handle: { id: snapshot.id ?? null }, result };
}

function time(date: Date | undefined): number {
  return date?.getTime() ?? 0;
}

function prefixed(prefix: string, table: StateTable): StateTable {
  return Object.fromEntries(Object.entries(table).map(([status, meaning]) => [prefix + status, meaning]));
}
