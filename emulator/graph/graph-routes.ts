// The operations of Neptune Analytics' control plane, one route each.
import type { RequestContext } from '../endpoint.ts';
import { describeGraph, describeImport, describeSnapshot, summarizeGraph, summarizeImport } from './graph-answers.ts';
import { validationFault } from './graph-constraints.ts';
import {
  type Graph,
  type GraphSnapshot,
  needStatus,
  requestGraphMove,
  requestReset,
  statusAt,
  takeSnapshot,
} from './graphs.ts';
import { cancelImport, type ImportTask } from './imports.ts';
import type { Journal } from '../journal.ts';
import { resourceName } from '../names.ts';
import { cutPage } from '../paging.ts';
import { refusal } from '../refusal.ts';
import type { Account } from '../account.ts';

/** What an operation works on. */
export interface GraphState {
  account: Account;
  journal: Journal;
}

/** Path labels, query and body of a request, by member name. */
export type Input = Readonly<Record<string, unknown>>;

/** One operation. */
export interface Route {
  method: string;
  path: string;
  action: string;
  /** The status of a successful answer; default 200. */
  status?: number;
  required?: readonly string[];
  perform(state: GraphState, input: Input, request: RequestContext): Record<string, unknown>;
}

function notFound(what: string, id: unknown): Error {
  return refusal('neptune-graph', 'ResourceNotFoundException', `${what} ${String(id)} not found.`);
}

function findGraph({ account }: GraphState, input: Input, request?: RequestContext): { graph: Graph; time: number } {
  const id = String(input['graphIdentifier']);
  const graph = account.graphs.get(id);
  const time = request?.asOf(resourceName.graph(id)) ?? account.clock.now();
  if (graph === undefined || statusAt(graph, time) === undefined) throw notFound('Graph', id);
  return { graph, time };
}

function findTask({ account }: GraphState, input: Input): ImportTask {
  const task = account.importTasks.get(String(input['taskIdentifier']));
  if (task === undefined) throw notFound('Import task', input['taskIdentifier']);
  return task;
}

function listed<T extends { serial: number }>(
  input: Input,
  items: Iterable<T>,
  given: { as: string; keeps?: (item: T) => boolean; describe: (item: T) => Record<string, unknown> },
): Record<string, unknown> {
  const token = input['nextToken'] === undefined ? undefined : String(input['nextToken']);
  const page = cutPage(items, { limit: Number(input['maxResults'] ?? 100), token, keeps: given.keeps ?? (() => true) });
  if (page === undefined) throw validationFault('nextToken is not valid.', 'ILLEGAL_ARGUMENT');
  // As of an earlier time a resource may not have existed; it then has no status.
  const found = page.items.map(given.describe).filter((item) => item['status'] !== undefined);
  return { [given.as]: found, nextToken: page.next };
}

const isOfGraph = (input: Input) => (item: { graphId: string }) =>
  input['graphIdentifier'] === undefined || item.graphId === input['graphIdentifier'];

function moveRoute(move: 'stop' | 'start'): Route {
  return {
    method: 'POST',
    path: `/graphs/{graphIdentifier}/${move}`,
    action: move === 'stop' ? 'StopGraph' : 'StartGraph',
    perform(state, input, request) {
      const { graph, time } = findGraph(state, input);
      requestGraphMove(state.account, graph, move);
      state.journal.changed(`${move}-graph`, resourceName.graph(graph.id), request.requestId);
      return describeGraph(graph, time, state.account.region);
    },
  };
}

/** All operations that the emulator has. */
export const routes: readonly Route[] = [
  moveRoute('stop'),
  moveRoute('start'),
  {
    method: 'PUT',
    path: '/graphs/{graphIdentifier}',
    action: 'ResetGraph',
    required: ['skipSnapshot'],
    perform(state, input, request) {
      const { graph } = findGraph(state, input);
      requestReset(state.account, graph);
      state.journal.changed('reset-graph', resourceName.graph(graph.id), request.requestId);
      return describeGraph(graph, state.account.clock.now(), state.account.region);
    },
  },
  {
    method: 'GET',
    path: '/graphs/{graphIdentifier}',
    action: 'GetGraph',
    perform(state, input, request) {
      const { graph, time } = findGraph(state, input, request);
      return describeGraph(graph, time, state.account.region);
    },
  },
  {
    method: 'GET',
    path: '/graphs',
    action: 'ListGraphs',
    perform: ({ account }, input, request) =>
      listed(input, account.graphs.values(), {
        as: 'graphs',
        describe: (graph) => summarizeGraph(graph, request.asOf(resourceName.graph(graph.id)), account.region),
      }),
  },
  {
    method: 'POST',
    path: '/snapshots',
    action: 'CreateGraphSnapshot',
    status: 201,
    required: ['graphIdentifier', 'snapshotName'],
    perform(state, input, request) {
      const { account, journal } = state;
      const { graph } = findGraph(state, input);
      const name = String(input['snapshotName']);
      needStatus(graph, 'AVAILABLE');
      for (const other of account.graphSnapshots.values()) {
        if (other.name !== name || other.status.now === 'DELETED') continue;
        throw refusal('neptune-graph', 'ConflictException', `There is a snapshot named ${name} already.`);
      }
      const tags = (input['tags'] ?? {}) as Record<string, string>;
      const snapshot = takeSnapshot(account, graph, { name, graphId: graph.id, tags }, account.nextSerial());
      account.graphSnapshots.set(snapshot.id, snapshot);
      const detail = { id: snapshot.id, name };
      journal.changed('create-graph-snapshot', resourceName.graph(graph.id), request.requestId, detail);
      return describeSnapshot(snapshot, account.clock.now());
    },
  },
  {
    method: 'GET',
    path: '/snapshots/{snapshotIdentifier}',
    action: 'GetGraphSnapshot',
    perform({ account }, input, request) {
      const id = String(input['snapshotIdentifier']);
      const snapshot = account.graphSnapshots.get(id);
      const time = request.asOf(resourceName.graphSnapshot(id));
      if (snapshot === undefined || statusAt(snapshot, time) === undefined) throw notFound('Graph snapshot', id);
      return describeSnapshot(snapshot, time);
    },
  },
  {
    method: 'GET',
    path: '/snapshots',
    action: 'ListGraphSnapshots',
    perform: ({ account }, input, request) =>
      listed<GraphSnapshot>(input, account.graphSnapshots.values(), {
        as: 'graphSnapshots',
        keeps: isOfGraph(input),
        describe: (snapshot) => describeSnapshot(snapshot, request.asOf(resourceName.graphSnapshot(snapshot.id))),
      }),
  },
  {
    method: 'GET',
    path: '/importtasks/{taskIdentifier}',
    action: 'GetImportTask',
    perform(state, input, request) {
      const task = findTask(state, input);
      return describeImport(task, request.asOf(resourceName.importTask(task.id)));
    },
  },
  {
    method: 'DELETE',
    path: '/importtasks/{taskIdentifier}',
    action: 'CancelImportTask',
    perform(state, input, request) {
      const { account, journal } = state;
      const task = findTask(state, input);
      cancelImport(account, task, account.graphs.get(task.graphId), account.cancelRefusedWith);
      journal.changed('cancel-import-task', resourceName.importTask(task.id), request.requestId);
      return summarizeImport(task, account.clock.now());
    },
  },
  {
    method: 'GET',
    path: '/importtasks',
    action: 'ListImportTasks',
    perform: ({ account }, input, request) =>
      listed<ImportTask>(input, account.importTasks.values(), {
        as: 'tasks',
        keeps: isOfGraph(input),
        describe: (task) => summarizeImport(task, request.asOf(resourceName.importTask(task.id))),
      }),
  },
  {
    method: 'GET',
    path: '/queries',
    action: 'ListQueries',
    required: ['graphIdentifier', 'maxResults'],
    perform(state, input) {
      const { graph } = findGraph(state, input);
      const count = Math.min(graph.busy.queries ?? 0, Number(input['maxResults']));
      const one = { queryString: 'MATCH (n) RETURN n', waited: 0, elapsed: 1000, state: 'RUNNING' };
      return { queries: Array.from({ length: count }, (_, i) => ({ id: `query-${i + 1}`, ...one })) };
    },
  },
  {
    method: 'GET',
    path: '/tags/{resourceArn}',
    action: 'ListTagsForResource',
    perform({ account }, input) {
      const tagged = [...account.graphs.values(), ...account.graphSnapshots.values()];
      const found = tagged.find((each) => each.arn === input['resourceArn'] && each.status.now !== 'DELETED');
      if (found === undefined) throw notFound('Resource', input['resourceArn']);
      return { tags: found.tags };
    },
  },
];
