// Reads whether a resource is in use now: running queries, bulk loads, imports. SPARQL queries can't be seen. What
// can't be read is `unknown`, never idle.
import { ListImportTasksCommand, ListQueriesCommand } from '@aws-sdk/client-neptune-graph';
import {
  GetLoaderJobStatusCommand,
  ListGremlinQueriesCommand,
  ListLoaderJobsCommand,
  ListOpenCypherQueriesCommand,
} from '@aws-sdk/client-neptunedata';
import pMap from 'p-map';
import type { Permissions } from '../operation.ts';
import { arns } from './arns.ts';
import { type Aws, reading } from './clients.ts';
import type { Address } from './engine.ts';
import type { ObservedResource } from './inventory.ts';
import { faultOf } from './faults.ts';

/** The IAM actions for reading activity. Source: AWS's lists of data-access and Neptune Analytics actions. */
export const activityPermissions: Permissions = {
  'neptune-db:GetQueryStatus': [arns.dbClusterData],
  'neptune-db:ListLoaderJobs': [arns.dbClusterData],
  'neptune-db:GetLoaderJobStatus': [arns.dbClusterData],
  'neptune-graph:ListQueries': [arns.graphs],
  'neptune-graph:ListImportTasks': [arns.importTasks],
};

/** With `busy`, `what` names the activity; with `unknown`, what couldn't be read and AWS's error. */
export type Activity = { readonly activity: 'idle' } | { readonly activity: 'busy' | 'unknown'; readonly what: string };

/** The loader statuses of loads that aren't over. */
const activeLoads = new Set(['LOAD_NOT_STARTED', 'LOAD_IN_QUEUE', 'LOAD_IN_PROGRESS']);

const endedImports = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED', 'DELETED']);

/** Reads everything that shows use of a running resource. Never rejects. */
export async function readActivity(aws: Aws, observed: ObservedResource): Promise<Activity> {
  const checks =
    observed.kind === 'graph'
      ? [runningGraphQueries(aws, observed.id), runningImports(aws, observed.id)]
      : [
          ...observed.engines.flatMap((engine) => [gremlinQueries(aws, engine), openCypherQueries(aws, engine)]),
          ...observed.engines.slice(0, 1).map((engine) => activeLoad(aws, engine)),
        ];
  if (checks.length === 0) return { activity: 'unknown', what: 'no engine has an address' };
  const found = await Promise.allSettled(checks);
  const busy = found.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []));
  if (busy.length > 0) return { activity: 'busy', what: busy.join(', ') };
  const unread = found.flatMap((one) => (one.status === 'rejected' ? [faultOf(one.reason).code] : []));
  return unread.length > 0 ? { activity: 'unknown', what: [...new Set(unread)].join(', ') } : { activity: 'idle' };
}

async function gremlinQueries(aws: Aws, engine: Address): Promise<string | undefined> {
  const answer = await aws.data(engine).send(new ListGremlinQueriesCommand({ includeWaiting: true }), reading());
  return counted(
    Math.max(answer.runningQueryCount ?? 0, answer.queries?.length ?? 0),
    'Gremlin query',
    'Gremlin queries',
  );
}

async function openCypherQueries(aws: Aws, engine: Address): Promise<string | undefined> {
  const command = new ListOpenCypherQueriesCommand({ includeWaiting: true });
  const answer = await aws.data(engine).send(command, reading());
  const count = Math.max(answer.runningQueryCount ?? 0, answer.queries?.length ?? 0);
  return counted(count, 'openCypher query', 'openCypher queries');
}

/** The loader lists its latest loads, ended ones too, so each is read. All engines of a cluster share one loader. */
async function activeLoad(aws: Aws, engine: Address): Promise<string | undefined> {
  const client = aws.data(engine);
  const { payload } = await client.send(new ListLoaderJobsCommand({ limit: 100, includeQueuedLoads: true }), reading());
  const statusOf = async (loadId: string) => {
    const answer = await client.send(new GetLoaderJobStatusCommand({ loadId }), reading());
    const { overallStatus } = (answer.payload ?? {}) as { overallStatus?: { status?: string } };
    if (overallStatus?.status === undefined) throw new Error(`no status of load ${loadId}`);
    return overallStatus.status;
  };
  const loads = payload?.loadIds ?? [];
  const read = (loadId: string) => statusOf(loadId).catch((error: Error) => error);
  const statuses = await pMap(loads, read, { concurrency: 10 });
  const active = loads.find((_, index) => activeLoads.has(String(statuses[index])));
  if (active !== undefined) return `bulk load ${active}`;
  const unread = statuses.find((status) => status instanceof Error);
  if (unread) throw unread;
  return undefined;
}

async function runningGraphQueries(aws: Aws, graphIdentifier: string): Promise<string | undefined> {
  const command = new ListQueriesCommand({ graphIdentifier, maxResults: 100, state: 'ALL' });
  const { queries = [] } = await aws.graph.send(command, reading());
  return counted(queries.length, 'query', 'queries');
}

/** This version of the SDK can't filter the list of imports, so it reads pages until it finds one. */
async function runningImports(aws: Aws, graphIdentifier: string): Promise<string | undefined> {
  let nextToken: string | undefined;
  do {
    const from = nextToken === undefined ? {} : { nextToken };
    const page = await aws.graph.send(new ListImportTasksCommand({ maxResults: 100, ...from }), reading());
    const active = page.tasks?.find(
      ({ graphId, status }) => graphId === graphIdentifier && !endedImports.has(status ?? ''),
    );
    if (active) return `import ${active.taskId ?? ''}`;
    nextToken = page.nextToken;
  } while (nextToken);
  return undefined;
}

function counted(count: number, one: string, several: string): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : several}`;
}
