// Starts a stopped graph and ends when it is seen available.
import { type GraphStatus, StartGraphCommand } from '../aws/sdk/neptune-graph.ts';
import { z } from 'zod';
import { arns } from '../aws/arns.ts';
import { changing, gated } from '../aws/clients.ts';
import { graphIdentifier } from '../aws/graph.ts';
import { type GraphVisit, terminalGraphStates, lookAtGraph } from '../aws/graph-state.ts';
import { type StateTable, converge } from '../operation.ts';

const states = {
  ...terminalGraphStates,
  AVAILABLE: 'succeeded',
  STARTING: 'pending',
  STOPPED: 'ready',
  STOPPING: 'obstacle',
  // The graph is running already and comes back to available by itself.
  CREATING: 'pending',
  IMPORTING: 'pending',
  RESETTING: 'pending',
  SNAPSHOTTING: 'pending',
  UPDATING: 'pending',
} as const satisfies StateTable<GraphStatus>;

export const startGraph = converge({
  name: 'start-graph',
  summary: 'Start a stopped Neptune Analytics graph and wait until it is available.',
  api: 'neptune-graph',
  input: z.strictObject({ graphIdentifier }),
  example: { graphIdentifier: 'g-0123456789' },
  resource: ({ graphIdentifier }) => `graph/${graphIdentifier}`,
  destructive: 'no',
  states,
  timing: { firstPoll: 30_000, poll: [15_000, 60_000], deadline: 2 * 3_600_000, settle: 30_000 },
  permissions: {
    'neptune-graph:StartGraph': [arns.graph],
    'neptune-graph:GetGraph': [arns.graph],
  },
  // Which of the two AWS answers for a graph that is busy isn't documented; a conflict is waited out anyway.
  faults: { ValidationException: 'look-again' },
  look: (visit: GraphVisit, judge) => lookAtGraph(visit, judge),
  change: ({ aws, input }, gate) => aws.graph.send(gated(new StartGraphCommand(input), gate), changing()),
});
