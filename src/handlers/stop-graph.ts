// Stops a graph and ends when it is seen stopped.
import { type GraphStatus, StopGraphCommand } from '../aws/sdk/neptune-graph.ts';
import { z } from 'zod';
import { arns } from '../aws/arns.ts';
import { changing, gated } from '../aws/clients.ts';
import { graphIdentifier } from '../aws/graph.ts';
import { type GraphVisit, transientGraphStates, terminalGraphStates, lookAtGraph } from '../aws/graph-state.ts';
import { type StateTable, converge } from '../operation.ts';

const states = {
  ...terminalGraphStates,
  ...transientGraphStates,
  STOPPED: 'succeeded',
  STOPPING: 'pending',
  AVAILABLE: 'ready',
  STARTING: 'obstacle',
} as const satisfies StateTable<GraphStatus>;

export const stopGraph = converge({
  name: 'stop-graph',
  summary: 'Stop a Neptune Analytics graph; it costs 10 % of its hourly price and stays stopped until it is started.',
  api: 'neptune-graph',
  input: z.strictObject({ graphIdentifier }),
  example: { graphIdentifier: 'g-0123456789' },
  resource: ({ graphIdentifier }) => `graph/${graphIdentifier}`,
  destructive: 'interrupts',
  states,
  timing: { firstPoll: 15_000, poll: [15_000, 60_000], deadline: 2 * 3_600_000, settle: 30_000 },
  permissions: {
    'neptune-graph:StopGraph': [arns.graph],
    'neptune-graph:GetGraph': [arns.graph],
  },
  // Which of the two AWS answers for a graph that is busy isn't documented; a conflict is waited out anyway.
  faults: { ValidationException: 'look-again' },
  look: (visit: GraphVisit, judge) => lookAtGraph(visit, judge),
  change: ({ aws, input }, gate) => aws.graph.send(gated(new StopGraphCommand(input), gate), changing()),
});
