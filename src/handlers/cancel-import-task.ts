// Cancels an import task and ends when it is seen cancelled; an import that ended in another way first was not cancelled.
import { CancelImportTaskCommand } from '../aws/sdk/neptune-graph.ts';
import { z } from 'zod';
import { arns } from '../aws/arns.ts';
import { type Aws, changing, gated } from '../aws/clients.ts';
import { type ImportStates, lookAtImportTask, taskIdentifier } from '../aws/import-task.ts';
import { type Refusal, type Visit, converge } from '../operation.ts';

const states = {
  INITIALIZING: 'ready',
  EXPORTING: 'ready',
  ANALYZING_DATA: 'ready',
  IMPORTING: 'ready',
  REPROVISIONING: 'ready',
  RE_PROVISIONING: 'ready',
  ROLLING_BACK: 'ready',
  ERROR_ENCOUNTERED: 'ready',
  ERROR_ENCOUNTERED_ROLLING_BACK: 'ready',
  CANCELLING: 'pending',
  CANCELLED: 'succeeded',
  SUCCEEDED: tooLate('had succeeded'),
  FAILED: tooLate('had failed'),
  DELETED: tooLate('had been deleted'),
} as const satisfies ImportStates;

function tooLate(how: string): Refusal {
  return { code: 'too-late', reason: `The import ${how} before it could be cancelled.` };
}

export const cancelImportTask = converge({
  name: 'cancel-import-task',
  summary: 'Cancel an import task of a Neptune Analytics graph and wait until it is cancelled.',
  api: 'neptune-graph',
  input: z.strictObject({ taskIdentifier }),
  example: { taskIdentifier: 't-0123456789' },
  resource: ({ taskIdentifier }) => `import-task/${taskIdentifier}`,
  destructive: 'interrupts',
  states,
  timing: { firstPoll: 5_000, poll: [5_000, 60_000], deadline: 3_600_000, settle: 30_000 },
  permissions: {
    'neptune-graph:CancelImportTask': [arns.importTasks],
    'neptune-graph:GetImportTask': [arns.importTasks],
  },
  // Both can mean that the task ended a moment ago; what it says of itself decides.
  faults: {
    ConflictException: 'look-again',
    ValidationException: 'look-again',
    ResourceNotFoundException: 'look-again',
  },
  async look({ aws, input }: Visit<{ taskIdentifier: string }, Aws>, judge) {
    const seen = await lookAtImportTask(aws, input.taskIdentifier, judge);
    const { code, reason } = judge(seen.status);
    // AWS says why the import failed; that this job came too late is ours to say.
    if (code !== 'too-late' || seen.reason === reason) return seen;
    return { ...seen, reason: `${reason} AWS says: ${seen.reason}` };
  },
  change: ({ aws, input }, gate) => aws.graph.send(gated(new CancelImportTaskCommand(input), gate), changing()),
});
