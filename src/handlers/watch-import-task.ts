// Follows an import into a Neptune Analytics graph until it has ended, and says how. Changes nothing.
import { z } from 'zod';
import { arns } from '../aws/arns.ts';
import type { Aws } from '../aws/clients.ts';
import { type ImportObservation, type ImportStates, lookAtImportTask, taskIdentifier } from '../aws/import-task.ts';
import { type Json, type Visit, watch } from '../operation.ts';

const states = {
  INITIALIZING: 'pending',
  EXPORTING: 'pending',
  ANALYZING_DATA: 'pending',
  IMPORTING: 'pending',
  REPROVISIONING: 'pending',
  RE_PROVISIONING: 'pending',
  ROLLING_BACK: 'pending',
  ERROR_ENCOUNTERED: 'pending',
  ERROR_ENCOUNTERED_ROLLING_BACK: 'pending',
  CANCELLING: 'pending',
  SUCCEEDED: 'succeeded',
  CANCELLED: 'cancelled',
  FAILED: { code: 'import-failed', reason: 'The import failed. AWS gave no reason.' },
  DELETED: { code: 'import-task-deleted', reason: 'The import task was deleted before it ended.' },
} as const satisfies ImportStates;

export const watchImportTask = watch({
  name: 'watch-import-task',
  summary: 'Follow an import task of a Neptune Analytics graph until it has ended.',
  api: 'neptune-graph',
  input: z.strictObject({ taskIdentifier }),
  example: { taskIdentifier: 't-0123456789' },
  resource: ({ taskIdentifier }) => `import-task/${taskIdentifier}`,
  destructive: 'no',
  states,
  timing: { firstPoll: 10_000, poll: [10_000, 1_800_000], deadline: 7 * 86_400_000, settle: 0 },
  permissions: {
    'neptune-graph:GetImportTask': [arns.importTasks],
  },
  look: async ({ aws, input, now }: Visit<{ taskIdentifier: string }, Aws>, judge, handle) =>
    explainFailure(await lookAtImportTask(aws, input.taskIdentifier, judge), handle, now),
});

/** How long a failed task is asked for its reason, in milliseconds. */
const explainingTime = 60_000;

/**
 * The reason of a failure is written a moment after the status: until then the task still says it is in progress. Asked for
 * a little longer, not for as long as the import took.
 */
function explainFailure(seen: ImportObservation, handle: Json | undefined, now: number): ImportObservation {
  if (seen.status !== 'FAILED') return seen;
  const since = (handle as { failedSince?: number } | null | undefined)?.failedSince ?? now;
  if (
    seen.result?.importTaskDetails?.status === 'IN_PROGRESS' &&
    !seen.result?.statusReason &&
    now - since < explainingTime
  ) {
    return { ...seen, verdict: 'pending', nextPoll: 0, handle: { failedSince: since } };
  }
  return /insufficient memory/i.test(seen.reason ?? '') ? { ...seen, code: 'import-out-of-memory' } : seen;
}
