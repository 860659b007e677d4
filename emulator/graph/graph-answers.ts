// Formats graphs, snapshots and import tasks as Neptune Analytics does. Times are epoch seconds.
import { type Graph, type GraphSnapshot, statusAt } from './graphs.ts';
import { type ImportTask, progressAt } from './imports.ts';

const AWS_OWNED_KEY = 'AWS_OWNED_KEY';

function seconds(ms: number): number {
  return ms / 1000;
}

export function describeGraph(graph: Graph, time: number, region: string): Record<string, unknown> {
  return {
    ...summarizeGraph(graph, time, region),
    createTime: seconds(graph.createdAt),
    sourceSnapshotId: undefined,
    buildNumber: '1.1.0.20260901',
  };
}

/** A graph in the answer of ListGraphs. */
export function summarizeGraph(graph: Graph, time: number, region: string): Record<string, unknown> {
  return {
    id: graph.id,
    name: graph.name,
    arn: graph.arn,
    status: statusAt(graph, time),
    provisionedMemory: graph.provisionedMemory,
    publicConnectivity: false,
    endpoint: `${graph.id}.${region}.neptune-graph.amazonaws.com`,
    replicaCount: 1,
    kmsKeyIdentifier: AWS_OWNED_KEY,
    deletionProtection: graph.deletionProtection,
  };
}

export function describeSnapshot(snapshot: GraphSnapshot, time: number): Record<string, unknown> {
  return {
    id: snapshot.id,
    name: snapshot.name,
    arn: snapshot.arn,
    sourceGraphId: snapshot.graphId,
    snapshotCreateTime: seconds(snapshot.createdAt),
    status: statusAt(snapshot, time),
    kmsKeyIdentifier: AWS_OWNED_KEY,
  };
}

/** An import task's short form, in the answers of ListImportTasks and CancelImportTask. */
export function summarizeImport(task: ImportTask, time: number): Record<string, unknown> {
  return {
    graphId: task.graphId,
    taskId: task.id,
    source: task.source,
    format: task.format,
    roleArn: task.roleArn,
    status: task.phases.at(time)?.status,
  };
}

export function describeImport(task: ImportTask, time: number): Record<string, unknown> {
  const moment = task.phases.moment(time);
  if (moment === undefined) return summarizeImport(task, time);
  const { status, detail, errors = 0, reason } = moment.state;
  const progress = progressAt(task, time);
  const statements = Math.floor(progress * task.statementCount);
  // An ended task's last phase lasts for ever, so its elapsed time stops when that phase begins.
  const until = moment.until === Number.POSITIVE_INFINITY ? moment.at : time;
  const details = {
    status: detail,
    startTime: seconds(task.startsAt),
    timeElapsedSeconds: Math.max(0, Math.floor(seconds(until - task.startsAt))),
    progressPercentage: Math.floor(progress * 100),
    errorCount: errors,
    errorDetails: errors > 0 ? 's3://import-data/errors/' : undefined,
    statementCount: statements,
    dictionaryEntryCount: Math.floor(statements * 0.6),
  };
  return {
    ...summarizeImport(task, time),
    importOptions: task.importOptions,
    // The details are unknown until the data is read.
    importTaskDetails: status === 'INITIALIZING' ? undefined : details,
    attemptNumber: 1,
    statusReason: reason,
  };
}
