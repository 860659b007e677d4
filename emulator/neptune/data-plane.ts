// The data plane of one cluster at one of its ports: the engine's REST API with JSON.
import type { Cluster } from './clusters.ts';
import type { Arrival, ApiCall, Reply, RequestContext, Wire } from '../endpoint.ts';
import { describeEngine, initiateReset, performReset } from './engine.ts';
import type { Instance } from './instances.ts';
import type { Journal } from '../journal.ts';
import { resourceName } from '../names.ts';
import { refusal } from '../refusal.ts';
import type { Account } from '../account.ts';

interface Desk {
  account: Account;
  journal: Journal;
  cluster: Cluster;
}

interface Question extends Desk {
  instance: Instance;
  input: Readonly<Record<string, unknown>>;
  request: RequestContext;
}

interface Action {
  name: string;
  perform(question: Question): unknown;
}

function fault(code: string, message: string): Error {
  return refusal('neptunedata', code, message);
}

/** The running queries of a language, in the format of both query lists. */
function queryList(prefix: string, count: number): Record<string, unknown> {
  const queries = Array.from({ length: count }, (_, i) => ({
    queryId: `${prefix}-${i + 1}`,
    queryString: 'busy',
    queryEvalStats: { waited: 0, elapsed: 1000, cancelled: false, subqueries: {} },
  }));
  return { acceptedQueryCount: count, runningQueryCount: count, queries };
}

function reset({ account, journal, cluster, instance, input, request }: Question): unknown {
  const { action, token } = input;
  const resource = resourceName.cluster(cluster.identifier);
  if (action === undefined) throw fault('MissingParameterException', "System command parameter 'action' is missing");
  if (cluster.writer.now !== instance.identifier) {
    throw fault(
      'ReadOnlyViolationException',
      'The request is rejected because it violates some read-only restriction.',
    );
  }
  if (action === 'initiateDatabaseReset') {
    journal.changed('initiate-reset', resource, request.requestId);
    return { status: '200 OK', payload: { token: initiateReset(account, cluster) } };
  }
  if (action !== 'performDatabaseReset') {
    throw fault(
      'InvalidParameterException',
      `System command parameter 'action' : '${String(action)}' is not supported`,
    );
  }
  if (token === undefined) throw fault('MissingParameterException', "System command parameter 'token' is missing");
  performReset(account, cluster, String(token));
  journal.changed('reset', resource, request.requestId);
  return { status: '200 OK' };
}

const actions: Readonly<Record<string, Action>> = {
  'GET /status': {
    name: 'GetEngineStatus',
    perform: ({ cluster, instance, request }) =>
      describeEngine(cluster, instance, request.asOf(resourceName.cluster(cluster.identifier))),
  },
  'POST /system': { name: 'ExecuteFastReset', perform: reset },
  'POST /opencypher': {
    name: 'ExecuteOpenCypherQuery',
    perform({ cluster, input }) {
      if (input['query'] === undefined) throw fault('MissingParameterException', "Parameter 'query' is missing");
      const node = { '~id': 'n-1', '~entityType': 'node', '~labels': ['thing'], '~properties': {} };
      return { results: cluster.data.now > 0 ? [{ n: node }] : [] };
    },
  },
  'GET /opencypher/status': {
    name: 'ListOpenCypherQueries',
    perform: ({ cluster }) => queryList('opencypher', cluster.busy.openCypherQueries ?? 0),
  },
  'GET /gremlin/status': {
    name: 'ListGremlinQueries',
    perform: ({ cluster }) => queryList('gremlin', cluster.busy.gremlinQueries ?? 0),
  },
  'GET /loader': {
    name: 'ListLoaderJobs',
    perform: ({ cluster }) => ({ status: '200 OK', payload: { loadIds: Object.keys(cluster.busy.loads ?? {}) } }),
  },
  'GET /loader/{loadId}': {
    name: 'GetLoaderJobStatus',
    perform({ cluster, input }) {
      const loadId = String(input['loadId']);
      const status = cluster.busy.loads?.[loadId];
      if (status === undefined) throw fault('BulkLoadIdNotFoundException', `Load id ${loadId} does not exist`);
      const overallStatus = { fullUri: 's3://load-data/', runNumber: 1, retryNumber: 0, status, totalRecords: 0 };
      return { status: '200 OK', payload: { feedCount: [{ [status]: 1 }], overallStatus } };
    },
  },
};

function parseBody({ headers, body }: Arrival): Record<string, unknown> {
  if (body === '') return {};
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(body));
  }
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    throw fault('BadRequestException', 'The request body is not JSON');
  }
}

function json(status: number, requestId: string, body: unknown): Reply {
  const headers = { 'content-type': 'application/json; charset=UTF-8', 'x-amzn-requestid': requestId };
  return { status, headers, body: JSON.stringify(body) };
}

/** One port of a cluster. `instance` returns the instance that answers: a fixed one, or the writer at the time. */
export function createDataWire(desk: Desk, instance: () => Instance | undefined): Wire {
  const { cluster } = desk;
  const isDown = () => instance()?.process.now.up !== true;
  // A stopped cluster has no machines. A restarting one may still answer, to say so.
  const isGone = () => isDown() && (cluster.whileRestarting === 'drop' || instance()?.status.now !== 'available');
  return {
    api: 'neptunedata',
    isReachable: () => !isGone(),
    needsSignature: () => cluster.iam,
    read(arrival): ApiCall {
      const answering = instance();
      const path = arrival.path.toLowerCase().replace(/\/$/, '');
      const load = /^\/loader\/([^/]+)$/.exec(path);
      const key = `${arrival.method} ${load ? '/loader/{loadId}' : path}`;
      const action = actions[key];
      if (isDown()) {
        const message = 'Database reset is in progress. Please retry the query after the cluster is available.';
        throw fault('ServerShutdownException', message);
      }
      if (action === undefined || answering === undefined) {
        const isOtherMethod = Object.keys(actions).some((known) => known.endsWith(` ${path}`));
        if (isOtherMethod) throw fault('MethodNotAllowedException', `${arrival.method} is not allowed at ${path}`);
        throw fault('ResourceNotFoundException', `Nothing at ${path}`);
      }
      const input = {
        ...parseBody(arrival),
        ...Object.fromEntries(arrival.query),
        ...(load && { loadId: decodeURIComponent(arrival.path.split('/')[2] ?? '') }),
      };
      return {
        action: action.name,
        resource: resourceName.cluster(cluster.identifier),
        instance: answering.identifier,
        input,
        perform: (request) => action.perform({ ...desk, instance: answering, input, request }),
      };
    },
    answer: (_call, output, requestId) => json(200, requestId, output),
    refuse: ({ code, status, message }, requestId) =>
      json(status, requestId, { code, requestId, detailedMessage: message }),
  };
}
