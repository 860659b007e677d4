// What each operation of Neptune Analytics' control plane does, as data: one route an operation.
import type { Visit } from './endpoint.ts';
import { describeGraph, describeImport, describeSnapshot, summarizeGraph, summarizeImport } from './graph-answers.ts';
import { validationFault } from './graph-constraints.ts';
import { type Graph, type GraphSnapshot, needStatus, requestGraphMove, statusAt, takeSnapshot } from './graphs.ts';
import { cancelImport, type ImportTask } from './imports.ts';
import type { Journal } from './journal.ts';
import { resourceOf } from './names.ts';
import { cutPage } from './paging.ts';
import { refusal } from './refusal.ts';
import type { World } from './world.ts';

/** What an operation works with. */
export interface Desk {
  world: World;
  journal: Journal;
}

/** Path labels, query and body of a request, by member name. */
export type Input = Readonly<Record<string, unknown>>;

/** One operation. */
export interface Route {
  method: string;
  path: string;
  action: string;
  /** Of a successful answer; default 200. */
  status?: number;
  required?: readonly string[];
  perform(desk: Desk, input: Input, visit: Visit): Record<string, unknown>;
}

function notFound(what: string, id: unknown): Error {
  return refusal('neptune-graph', 'ResourceNotFoundException', `${what} ${String(id)} not found.`);
}

function findGraph({ world }: Desk, input: Input, visit?: Visit): { graph: Graph; time: number } {
  const id = String(input['graphIdentifier']);
  const graph = world.graphs.get(id);
  const time = visit?.asOf(resourceOf.graph(id)) ?? world.clock.now();
  if (graph === undefined || statusAt(graph, time) === undefined) throw notFound('Graph', id);
  return { graph, time };
}

function findTask({ world }: Desk, input: Input): ImportTask {
  const task = world.importTasks.get(String(input['taskIdentifier']));
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
  // As of an earlier time a thing may not have existed yet; it has no status then.
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
    perform(desk, input, visit) {
      const { graph, time } = findGraph(desk, input);
      requestGraphMove(desk.world, graph, move);
      desk.journal.changed(`${move}-graph`, resourceOf.graph(graph.id), visit.requestId);
      return describeGraph(graph, time, desk.world.region);
    },
  };
}

/** Every operation that the stand-in knows. */
export const routes: readonly Route[] = [
  moveRoute('stop'),
  moveRoute('start'),
  {
    method: 'GET',
    path: '/graphs/{graphIdentifier}',
    action: 'GetGraph',
    perform(desk, input, visit) {
      const { graph, time } = findGraph(desk, input, visit);
      return describeGraph(graph, time, desk.world.region);
    },
  },
  {
    method: 'GET',
    path: '/graphs',
    action: 'ListGraphs',
    perform: ({ world }, input, visit) =>
      listed(input, world.graphs.values(), {
        as: 'graphs',
        describe: (graph) => summarizeGraph(graph, visit.asOf(resourceOf.graph(graph.id)), world.region),
      }),
  },
  {
    method: 'POST',
    path: '/snapshots',
    action: 'CreateGraphSnapshot',
    status: 201,
    required: ['graphIdentifier', 'snapshotName'],
    perform(desk, input, visit) {
      const { world, journal } = desk;
      const { graph } = findGraph(desk, input);
      const name = String(input['snapshotName']);
      needStatus(graph, 'AVAILABLE');
      for (const other of world.graphSnapshots.values()) {
        if (other.name !== name || other.status.now === 'DELETED') continue;
        throw refusal('neptune-graph', 'ConflictException', `There is a snapshot named ${name} already.`);
      }
      const tags = (input['tags'] ?? {}) as Record<string, string>;
      const snapshot = takeSnapshot(world, graph, { name, graphId: graph.id, tags }, world.nextSerial());
      world.graphSnapshots.set(snapshot.id, snapshot);
      const detail = { id: snapshot.id, name };
      journal.changed('create-graph-snapshot', resourceOf.graph(graph.id), visit.requestId, detail);
      return describeSnapshot(snapshot, world.clock.now());
    },
  },
  {
    method: 'GET',
    path: '/snapshots/{snapshotIdentifier}',
    action: 'GetGraphSnapshot',
    perform({ world }, input, visit) {
      const id = String(input['snapshotIdentifier']);
      const snapshot = world.graphSnapshots.get(id);
      const time = visit.asOf(resourceOf.graphSnapshot(id));
      if (snapshot === undefined || statusAt(snapshot, time) === undefined) throw notFound('Graph snapshot', id);
      return describeSnapshot(snapshot, time);
    },
  },
  {
    method: 'GET',
    path: '/snapshots',
    action: 'ListGraphSnapshots',
    perform: ({ world }, input, visit) =>
      listed<GraphSnapshot>(input, world.graphSnapshots.values(), {
        as: 'graphSnapshots',
        keeps: isOfGraph(input),
        describe: (snapshot) => describeSnapshot(snapshot, visit.asOf(resourceOf.graphSnapshot(snapshot.id))),
      }),
  },
  {
    method: 'GET',
    path: '/importtasks/{taskIdentifier}',
    action: 'GetImportTask',
    perform(desk, input, visit) {
      const task = findTask(desk, input);
      return describeImport(task, visit.asOf(resourceOf.importTask(task.id)));
    },
  },
  {
    method: 'DELETE',
    path: '/importtasks/{taskIdentifier}',
    action: 'CancelImportTask',
    perform(desk, input, visit) {
      const { world, journal } = desk;
      const task = findTask(desk, input);
      cancelImport(world, task, world.graphs.get(task.graphId), world.cancelRefusedWith);
      journal.changed('cancel-import-task', resourceOf.importTask(task.id), visit.requestId);
      return summarizeImport(task, world.clock.now());
    },
  },
  {
    method: 'GET',
    path: '/importtasks',
    action: 'ListImportTasks',
    perform: ({ world }, input, visit) =>
      listed<ImportTask>(input, world.importTasks.values(), {
        as: 'tasks',
        keeps: isOfGraph(input),
        describe: (task) => summarizeImport(task, visit.asOf(resourceOf.importTask(task.id))),
      }),
  },
  {
    method: 'GET',
    path: '/queries',
    action: 'ListQueries',
    required: ['graphIdentifier', 'maxResults'],
    perform(desk, input) {
      const { graph } = findGraph(desk, input);
      const count = Math.min(graph.busy.queries ?? 0, Number(input['maxResults']));
      const one = { queryString: 'MATCH (n) RETURN n', waited: 0, elapsed: 1000, state: 'RUNNING' };
      return { queries: Array.from({ length: count }, (_, i) => ({ id: `query-${i + 1}`, ...one })) };
    },
  },
  {
    method: 'GET',
    path: '/tags/{resourceArn}',
    action: 'ListTagsForResource',
    perform({ world }, input) {
      const tagged = [...world.graphs.values(), ...world.graphSnapshots.values()];
      const found = tagged.find((each) => each.arn === input['resourceArn'] && each.status.now !== 'DELETED');
      if (found === undefined) throw notFound('Resource', input['resourceArn']);
      return { tags: found.tags };
    },
  },
];
