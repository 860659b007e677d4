// Reads whether a resource is in use now: running queries, bulk loads, imports. SPARQL queries can't be seen. What
// can't be read is `unknown`, never idle.
import { type ImportTaskSummary, ListImportTasksCommand, ListQueriesCommand } from './sdk/neptune-graph.ts';
import {
  GetLoaderJobStatusCommand,
  ListGremlinQueriesCommand,
  ListLoaderJobsCommand,
  ListOpenCypherQueriesCommand,
} from './sdk/neptunedata.ts';
import pMap from 'p-map';
import type { Permissions } from '../operation.ts';
import { arns } from './arns.ts';
import { type Aws, reading } from './clients.ts';
import type { Address } from './engine.ts';
import type { ObservedResource } from './inventory.ts';
import { faultOf } from './faults.ts';
import { readAllPages } from './pages.ts';

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

/** For all pages of one list together, in milliseconds. */
const listTimeout = 30_000;
/** Loads that are asked after at the most: as many as the list was asked for. */
const mostLoads = 100;

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
  const { payload } = await client.send(
    new ListLoaderJobsCommand({ limit: mostLoads, includeQueuedLoads: true }),
    reading(),
  );
  const statusOf = async (loadId: string) => {
    const answer = await client.send(new GetLoaderJobStatusCommand({ loadId }), reading());
    const { overallStatus } = (answer.payload ?? {}) as { overallStatus?: { status?: string } };
    if (overallStatus?.status === undefined) throw new Error(`no status of load ${loadId}`);
    return overallStatus.status;
  };
  const loads = (payload?.loadIds ?? []).slice(0, mostLoads);
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

/** AWS's list of imports has no filter in this version of the SDK, so this reads every page. */
async function runningImports(aws: Aws, graphIdentifier: string): Promise<string | undefined> {
  const tasks = await readAllPages<ImportTaskSummary>({
    action: 'ListImportTasks',
    most: 100,
    time: listTimeout,
    async read(nextToken, options) {
      const command = new ListImportTasksCommand({ maxResults: 100, ...(nextToken && { nextToken }) });
      const answer = await aws.graph.send(command, options);
      return { items: answer.tasks, next: answer.nextToken };
    },
  });
  const active = tasks.find(({ graphId, status }) => graphId === graphIdentifier && !endedImports.has(status ?? ''));
  return active === undefined ? undefined : `import ${active.taskId ?? ''}`;
}

function counted(count: number, one: string, several: string): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : several}`;
}
