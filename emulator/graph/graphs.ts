// Neptune Analytics graphs and their snapshots. The functions for API calls throw refusals.
import type { ClusterSettings } from '../neptune/clusters.ts';
import { graphLifecycle, graphSnapshotLifecycle, planStory } from '../lifecycles.ts';
import { arnOf, newId } from '../names.ts';
import { refusal } from '../refusal.ts';
import { Timeline } from '../timeline.ts';

export interface GraphOptions {
  /** `g-` and ten lower-case letters or digits. Default: a new one. */
  id?: string;
  name: string;
  /** Default `AVAILABLE`. A transitional status ends by itself if it has a duration. */
  status?: string;
  provisionedMemory?: number;
  deletionProtection?: boolean;
  tags?: Readonly<Record<string, string>>;
  /** How snapshots of the graph end. Default `succeed`. */
  snapshots?: 'succeed' | 'fail';
  busy?: GraphBusyness;
}

/** What runs on a graph, as its data plane lists it. */
export interface GraphBusyness {
  queries?: number;
}

export interface Graph {
  readonly serial: number;
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly provisionedMemory: number;
  readonly deletionProtection: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly snapshots: 'succeed' | 'fail';
  readonly status: Timeline<string>;
  busy: GraphBusyness;
}

export interface SnapshotOptions {
  id?: string;
  name: string;
  graphId: string;
  /** Default `AVAILABLE`. */
  status?: string;
  /** Milliseconds since 1970; default: now. */
  createdAt?: number;
  tags?: Readonly<Record<string, string>>;
}

export interface GraphSnapshot {
  readonly serial: number;
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly graphId: string;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly status: Timeline<string>;
}

export function createGraph(setting: ClusterSettings, options: GraphOptions, serial: number): Graph {
  const id = options.id ?? newId('g');
  const graph: Graph = {
    serial,
    id,
    name: options.name,
    arn: arnOf.graph(setting.region, id),
    createdAt: setting.clock.now() - 86_400_000,
    provisionedMemory: options.provisionedMemory ?? 16,
    deletionProtection: options.deletionProtection ?? false,
    tags: options.tags ?? {},
    snapshots: options.snapshots ?? 'succeed',
    status: new Timeline(setting.clock, options.status ?? 'AVAILABLE'),
    busy: options.busy ?? {},
  };
  moveGraph(setting, graph, options.status ?? 'AVAILABLE');
  return graph;
}

/** Sets a graph's status, whatever it was. The statuses that follow by themselves are planned. */
export function moveGraph(setting: ClusterSettings, graph: Graph, status: string): void {
  graph.status.run(planStory(graphLifecycle, status, setting.durations));
}

/** The status at a time; `undefined` once deleted, or before it existed. */
export function statusAt(thing: { status: Timeline<string> }, time: number): string | undefined {
  const status = thing.status.at(time);
  return status === 'DELETED' ? undefined : status;
}

/** Throws ConflictException unless the graph has the needed status. */
export function needStatus(graph: Graph, needed: string): void {
  if (graph.status.now === needed) return;
  throw refusal(
    'neptune-graph',
    'ConflictException',
    `Graph ${graph.id} is in ${graph.status.now} status; this operation needs ${needed}.`,
  );
}

/** StopGraph from AVAILABLE, StartGraph from STOPPED. */
export function requestGraphMove(setting: ClusterSettings, graph: Graph, move: 'stop' | 'start'): void {
  needStatus(graph, move === 'stop' ? 'AVAILABLE' : 'STOPPED');
  moveGraph(setting, graph, move === 'stop' ? 'STOPPING' : 'STARTING');
}

/** ResetGraph from AVAILABLE: the graph is RESETTING for a while, and then empty and AVAILABLE. */
export function requestReset(setting: ClusterSettings, graph: Graph): void {
  needStatus(graph, 'AVAILABLE');
  moveGraph(setting, graph, 'RESETTING');
}

/** A snapshot that has existed for long. */
export function createSnapshot(setting: ClusterSettings, options: SnapshotOptions, serial: number): GraphSnapshot {
  const id = options.id ?? newId('gs');
  const createdAt = options.createdAt ?? setting.clock.now();
  const status = options.status ?? 'AVAILABLE';
  const snapshot: GraphSnapshot = {
    serial,
    id,
    name: options.name,
    arn: arnOf.graphSnapshot(setting.region, id),
    graphId: options.graphId,
    createdAt,
    tags: options.tags ?? {},
    status: new Timeline(setting.clock, status, createdAt),
  };
  if (graphSnapshotLifecycle[status]) moveSnapshot(setting, snapshot, status);
  return snapshot;
}

export function moveSnapshot(setting: ClusterSettings, snapshot: GraphSnapshot, status: string): void {
  snapshot.status.run(planStory(graphSnapshotLifecycle, status, setting.durations));
}

/** CreateGraphSnapshot, once name and graph are validated. The graph is busy meanwhile. */
export function takeSnapshot(
  setting: ClusterSettings,
  graph: Graph,
  options: SnapshotOptions,
  serial: number,
): GraphSnapshot {
  const snapshot = createSnapshot(setting, { ...options, graphId: graph.id, status: 'CREATING' }, serial);
  if (graph.snapshots === 'fail') {
    snapshot.status.run([{ to: 'CREATING', forMs: setting.durations.snapshotMs }, { to: 'FAILED' }]);
  }
  moveGraph(setting, graph, 'SNAPSHOTTING');
  return snapshot;
}
