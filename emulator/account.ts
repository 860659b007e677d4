// The simulated AWS account: its contents, and builders for tests and the demo. It knows nothing of HTTP.
import type { Clock } from './clock.ts';
import {
  type ClusterSnapshot,
  type ClusterSnapshotOptions,
  createClusterSnapshot,
} from './neptune/cluster-snapshots.ts';
import {
  type Cluster,
  clusterStatusAt,
  type ClusterOptions,
  createCluster,
  type ClusterSettings,
} from './neptune/clusters.ts';
import {
  createGraph,
  createSnapshot,
  type Graph,
  type GraphOptions,
  type GraphSnapshot,
  type SnapshotOptions,
} from './graph/graphs.ts';
import { createImportTask, type ImportOptions, type ImportTask } from './graph/imports.ts';
import type { Journal } from './journal.ts';
import { defaultDurations, type Durations } from './lifecycles.ts';
import { resourceName } from './names.ts';
import { createOutsider, type Outsider } from './outsider.ts';

/** Opens the ports of a cluster when it is added. */
type OpenDataPlane = (cluster: Cluster) => Promise<void>;

interface AccountOptions {
  clock: Clock;
  journal: Journal;
  durations?: Partial<Durations>;
  region?: string;
  openDataPlane?: OpenDataPlane;
}

/** The account. All contents are kept in order of creation. */
export class Account implements ClusterSettings {
  readonly clock: Clock;
  /** Milliseconds. They may be changed at any time, for transitions that begin later. */
  readonly durations: Durations;
  readonly region: string;
  readonly clusters = new Map<string, Cluster>();
  readonly clusterSnapshots = new Map<string, ClusterSnapshot>();
  readonly graphs = new Map<string, Graph>();
  readonly graphSnapshots = new Map<string, GraphSnapshot>();
  readonly importTasks = new Map<string, ImportTask>();
  /** The error of CancelImportTask for a task that has ended. AWS's documentation doesn't say which it is. */
  cancelRefusedWith: 'ConflictException' | 'ValidationException' = 'ConflictException';
  /** Whether CreateDBClusterSnapshot accepts a stopped cluster. AWS's documentation doesn't say. */
  snapshotsOfStopped: 'refused' | 'taken' = 'refused';
  /** Makes changes as somebody else with access to the account. */
  readonly outsider: Outsider;
  readonly #openDataPlane: OpenDataPlane | undefined;
  #serial = 0;

  constructor(options: AccountOptions) {
    this.clock = options.clock;
    this.durations = { ...defaultDurations, ...options.durations };
    this.region = options.region ?? 'eu-west-1';
    this.#openDataPlane = options.openDataPlane;
    this.outsider = createOutsider(this, options.journal);
  }

  /** Adds a database cluster. Resolves once its ports are open. */
  async addCluster(options: ClusterOptions): Promise<Cluster> {
    const identifier = options.identifier.toLowerCase();
    const present = this.clusters.get(identifier);
    if (present && present.status.now !== 'deleted') throw new Error(`there is a cluster ${identifier} already`);
    const cluster = createCluster(this, options, this.nextSerial());
    this.clusters.delete(identifier); // a new cluster must not take the place of a deleted one with its name
    this.clusters.set(identifier, cluster);
    if (options.dataPlane ?? true) await this.#openDataPlane?.(cluster);
    return cluster;
  }

  addGraph(options: GraphOptions): Graph {
    const graph = createGraph(this, options, this.nextSerial());
    if (this.graphs.has(graph.id)) throw new Error(`there is a graph ${graph.id} already`);
    this.graphs.set(graph.id, graph);
    return graph;
  }

  /** Adds an import task. Its graph is IMPORTING while the task runs. */
  addImportTask(options: ImportOptions): ImportTask {
    const graph = this.graphs.get(options.graphId);
    if (graph === undefined) throw new Error(`there is no graph ${options.graphId}`);
    const task = createImportTask(this, options, this.nextSerial());
    if (this.importTasks.has(task.id)) throw new Error(`there is an import task ${task.id} already`);
    this.importTasks.set(task.id, task);
    const endsAt = task.startsAt + (options.totalMs ?? 8000);
    const leftMs = endsAt - this.clock.now();
    if (leftMs > 0) graph.status.run([{ to: 'IMPORTING', forMs: leftMs }, { to: 'AVAILABLE' }]);
    return task;
  }

  /** Adds a graph snapshot that somebody else took earlier. */
  addSnapshot(options: SnapshotOptions): GraphSnapshot {
    const snapshot = createSnapshot(this, options, this.nextSerial());
    this.graphSnapshots.set(snapshot.id, snapshot);
    return snapshot;
  }

  /** Adds a cluster snapshot; by default one that somebody else took earlier. */
  addClusterSnapshot(options: ClusterSnapshotOptions): ClusterSnapshot {
    const cluster = this.clusters.get(options.clusterIdentifier);
    if (cluster === undefined) throw new Error(`there is no cluster ${options.clusterIdentifier}`);
    const snapshot = createClusterSnapshot(this, cluster, options, this.nextSerial());
    this.clusterSnapshots.delete(snapshot.identifier); // for the same reason as with clusters
    this.clusterSnapshots.set(snapshot.identifier, snapshot);
    return snapshot;
  }

  /** A number that grows with each resource created. Pages are cut by it. */
  nextSerial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  /** The present state of every resource, by name; for people and for tests in other processes. */
  describe(): Record<string, string> {
    const now = this.clock.now();
    const states: Record<string, string> = {};
    for (const cluster of this.clusters.values()) {
      const status = clusterStatusAt(cluster, now);
      if (status !== undefined) states[resourceName.cluster(cluster.identifier)] = status;
    }
    for (const { identifier, status } of this.clusterSnapshots.values()) {
      states[resourceName.clusterSnapshot(identifier)] = status.now;
    }
    for (const graph of this.graphs.values()) states[resourceName.graph(graph.id)] = graph.status.now;
    for (const { id, status } of this.graphSnapshots.values()) states[resourceName.graphSnapshot(id)] = status.now;
    for (const task of this.importTasks.values()) states[resourceName.importTask(task.id)] = task.phases.now.status;
    return states;
  }
}
