// Reads an import task: judges its status by a table, and gives its progress and the time to the next look.
import { GetImportTaskCommand, type GetImportTaskCommandOutput, type ImportTaskStatus } from './sdk/neptune-graph.ts';
import { z } from 'zod';
import { type JsonObject, type Judge, type Observation, type Progress, type StateTable } from '../operation.ts';
import { type Aws, reading } from './clients.ts';
import { faultOf } from './faults.ts';

/** The pattern in the service model. */
export const taskIdentifier = z
  .string()
  .regex(/^t-[a-z0-9]{10}$/, 'the id of an import task: t- and ten lower-case letters or digits')
  .describe('The id of the import task, as ListImportTasks shows it.');

/** Statuses that AWS's documentation has and its model doesn't. */
type LegacyStatus = 'RE_PROVISIONING' | 'ERROR_ENCOUNTERED' | 'ERROR_ENCOUNTERED_ROLLING_BACK';

export type ImportStates = StateTable<ImportTaskStatus | LegacyStatus>;

export type ImportObservation = Observation<ReturnType<typeof importResult>>;

/** Reads one task and judges it. A task that doesn't exist is a failure, not an exception. */
export async function lookAtImportTask(aws: Aws, id: string, judge: Judge): Promise<ImportObservation> {
  let task: GetImportTaskCommandOutput;
  try {
    task = await aws.graph.send(new GetImportTaskCommand({ taskIdentifier: id }), reading());
  } catch (error) {
    if (faultOf(error).code !== 'ResourceNotFoundException') throw error;
    return {
      status: 'not-found',
      verdict: 'failed',
      code: 'import-task-not-found',
      reason: 'There is no import task of this id in the target. Check the id, the region and the account.',
    };
  }
  const judged = judge(task.status ?? 'unknown');
  const progress = progressOf(task);
  const nextPoll = timeToLookAgain(progress);
  return {
    ...judged,
    ...(task.statusReason && judged.verdict !== 'succeeded' ? { reason: task.statusReason } : {}),
    ...(progress === undefined ? {} : { progress }),
    ...(nextPoll === undefined ? {} : { nextPoll }),
    result: importResult(task),
  };
}

/**
 * Time to the next look, in milliseconds: at most a quarter of the time elapsed, so that an early estimate is soon
 * corrected, and at most half of the estimated rest. The declared cadence bounds it further.
 */
export function timeToLookAgain(progress: Progress | undefined): number | undefined {
  const elapsed = Number(progress?.timeElapsedSeconds) * 1000;
  if (!Number.isFinite(elapsed) || elapsed <= 0) return undefined;
  const percent = progress?.percent ?? 0;
  const remaining = percent > 0 ? (elapsed * Math.max(0, 100 - percent)) / percent : Infinity;
  return Math.min(elapsed / 4, remaining / 2);
}

function progressOf(task: GetImportTaskCommandOutput): Progress | undefined {
  const details = task.importTaskDetails;
  if (!details) return undefined;
  return {
    ...(details.progressPercentage === undefined ? {} : { percent: details.progressPercentage }),
    timeElapsedSeconds: details.timeElapsedSeconds,
    statementCount: details.statementCount,
    dictionaryEntryCount: details.dictionaryEntryCount,
    errorCount: details.errorCount,
  };
}

function importResult(task: GetImportTaskCommandOutput) {
  const details = task.importTaskDetails;
  return {
    taskId: task.taskId,
    graphId: task.graphId,
    source: task.source,
    format: task.format,
    parquetType: task.parquetType,
    roleArn: task.roleArn,
    status: task.status,
    statusReason: task.statusReason,
    attemptNumber: task.attemptNumber,
    importOptions: task.importOptions as JsonObject | undefined,
    importTaskDetails: details && {
      status: details.status,
      startTime: details.startTime?.toISOString(),
      timeElapsedSeconds: details.timeElapsedSeconds,
      progressPercentage: details.progressPercentage,
      errorCount: details.errorCount,
      errorDetails: details.errorDetails,
      statementCount: details.statementCount,
      dictionaryEntryCount: details.dictionaryEntryCount,
    },
  };
}
