// Empties a Neptune Analytics graph and ends when the reset that this job asked for is over. Must never reset a graph that the
// operator didn't list, never ask twice, and never take a graph that was not reset yet for one that was.
import { type GraphStatus, ResetGraphCommand } from '../aws/sdk/neptune-graph.ts';
import { z } from 'zod';
import { arns } from '../aws/arns.ts';
import { changing, gated } from '../aws/clients.ts';
import { graphIdentifier } from '../aws/graph.ts';
import { type GraphVisit, lookAtGraph, terminalGraphStates, transientGraphStates } from '../aws/graph-state.ts';
import { type Json, type StateTable, type Visit, launch, noSign } from '../operation.ts';

const before = {
  ...terminalGraphStates,
  ...transientGraphStates,
  AVAILABLE: 'ready',
  STARTING: 'obstacle',
  STOPPING: 'obstacle',
  STOPPED: { code: 'graph-stopped', reason: 'The graph is stopped. Start it, then ask for the reset again.' },
} as const satisfies StateTable<GraphStatus>;

/** AVAILABLE is the end only once the reset was seen: until then the look is older than the change. */
const after = {
  ...terminalGraphStates,
  AVAILABLE: 'succeeded',
  CREATING: 'pending',
  IMPORTING: 'pending',
  RESETTING: 'pending',
  SNAPSHOTTING: 'pending',
  STARTING: 'pending',
  STOPPED: 'pending',
  STOPPING: 'pending',
  UPDATING: 'pending',
} as const satisfies StateTable<GraphStatus>;

const input = z.strictObject({
  graphIdentifier,
  skipSnapshot: z
    .boolean()
    .describe(
      'Whether AWS takes no snapshot before it empties the graph. AWS has no default either: say true or false.',
    ),
  confirm: z.string().describe('The identifier once more: everything in that graph will be gone.'),
});
type Input = z.infer<typeof input>;

const unfound = {
  code: 'reset-not-confirmed',
  reason:
    'The reset was not seen: its answer was lost, or the graph never showed RESETTING. Look at the graph, then ask again.',
};

/** No read of AWS's is older than this, in milliseconds. */
const staleness = 300_000;

/** Where RESETTING was seen: by a look after the intent, in the answer to the call alone, or nowhere. */
type Proof = 'look' | 'answer' | 'none';

export const resetGraph = launch({
  name: 'reset-graph',
  summary: 'Empty a Neptune Analytics graph: all of its data is gone, the graph and its settings stay.',
  api: 'neptune-graph',
  input,
  example: { graphIdentifier: 'g-0123456789', skipSnapshot: true, confirm: 'g-0123456789' },
  resource: ({ graphIdentifier }) => `graph/${graphIdentifier}`,
  destructive: 'erases',
  before,
  after,
  afterOf: 'reset',
  // A signature is good for five minutes: until then a frozen process might still send its reset.
  timing: { firstPoll: 2_000, poll: [2_000, 30_000], deadline: 4 * 3_600_000, settle: 330_000 },
  permissions: { 'neptune-graph:GetGraph': [arns.graph], 'neptune-graph:ResetGraph': [arns.graph] },
  // Which of the two AWS answers for a graph that is busy isn't documented; a conflict is waited out anyway.
  faults: { ValidationException: 'look-again' },
  unfound,

  admit({ graphIdentifier, confirm }, { target, resettableGraphs }) {
    if (confirm !== graphIdentifier) {
      return { code: 'wrong-confirmation', reason: 'confirm must repeat graphIdentifier. Nothing was done.' };
    }
    const entry = `${target}/${graphIdentifier}`;
    if (resettableGraphs.has(entry)) return undefined;
    return {
      code: 'graph-not-resettable',
      reason: `${entry} is not in NEPTUNE_OPS_RESETTABLE_GRAPHS. Only the operator of this service can add it.`,
    };
  },

  prepare: (visit: GraphVisit & Visit<Input, GraphVisit['aws']>, judge) => lookAtGraph(visit, judge.before),

  async submit({ aws, input: { graphIdentifier, skipSnapshot } }, _intent, gate) {
    const command = new ResetGraphCommand({ graphIdentifier, skipSnapshot });
    const { status } = await aws.graph.send(gated(command, gate), changing());
    return { resetting: (status === 'RESETTING' ? 'answer' : 'none') satisfies Proof };
  },

  // Anything but RESETTING may be as it was before the call.
  async find(visit, _intent, judge) {
    const seen = await lookAtGraph(visit, judge);
    if (seen.verdict === 'failed') return seen;
    return seen.status === 'RESETTING' ? { ...seen, handle: { resetting: 'look' } } : noSign(seen.status);
  },

  async poll(visit, handle, intent, judge) {
    const looked = await lookAtGraph(visit, judge);
    const proof = looked.status === 'RESETTING' ? 'look' : proofOf(handle);
    const seen = { ...looked, handle: { resetting: proof } };
    if (looked.verdict !== 'succeeded' || proof === 'look') return seen;
    // AVAILABLE may be as it was before the call, until every read is younger than it.
    if (visit.now - (intent?.at ?? visit.now) < staleness) return { ...seen, verdict: 'pending' };
    return proof === 'answer' ? seen : { ...seen, verdict: 'failed', ...unfound };
  },
});

function proofOf(handle: Json): Proof {
  return (handle as { readonly resetting?: Proof } | null)?.resetting ?? 'none';
}
