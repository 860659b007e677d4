// Database clusters of the simulated account and their changes of state. The functions for API calls throw refusals;
// those for an outsider don't.
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { createInstance, type Instance, restart, runInstance } from './instances.ts';
import { clusterLifecycle, type Durations, planStory } from '../lifecycles.ts';
import { arnOf } from '../names.ts';
import { refusal } from '../refusal.ts';
import { Timeline } from '../timeline.ts';

/** What runs on a cluster, as its data plane lists it. */
export interface Busyness {
  gremlinQueries?: number;
  openCypherQueries?: number;
  /** Load id → `payload.overallStatus.status`, e.g. `LOAD_IN_PROGRESS`. */
  loads?: Readonly<Record<string, string>>;
}

export interface ClusterOptions {
  identifier: string;
  /** Default `available`. `starting` and `stopping` end by themselves; others stay, or last `statusMs`. */
  status?: string;
  /** The given status lasts this long; then the cluster is available. Milliseconds. */
  statusMs?: number;
  /** Default `neptune`. The API lists other engines too. */
  engine?: string;
  engineVersion?: string;
  /** Their number, or their identifiers; the first is the writer. Default 1. */
  instances?: number | readonly string[];
  instanceClass?: string;
  tags?: Readonly<Record<string, string>>;
  /** The number of nodes in the graph. Default 0. */
  data?: number;
  /** Whether the data plane requires signed requests. Default true. */
  iam?: boolean;
  globalCluster?: string;
  /** False: no ports of its own, for very many clusters. Default true. */
  dataPlane?: boolean;
  /** Whether a fast reset makes another instance the writer. Default false. */
  failsOverOnReset?: boolean;
  /**
   * While its processes restart: `drop` cuts connections, `shutdown` answers ServerShutdownException. Default `drop`.
   */
  whileRestarting?: 'drop' | 'shutdown';
  busy?: Busyness;
}

export interface Cluster {
  readonly serial: number;
  readonly identifier: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly createdAt: number;
  readonly iam: boolean;
  readonly globalCluster: string | undefined;
  readonly failsOverOnReset: boolean;
  readonly whileRestarting: 'drop' | 'shutdown';
  readonly tags: Readonly<Record<string, string>>;
  readonly instances: readonly Instance[];
  readonly status: Timeline<string>;
  /** The identifier of the present writer. */
  readonly writer: Timeline<string>;
  /** The number of nodes in the graph. */
  readonly data: Timeline<number>;
  /** The newest reset token, and the writer's process that issued it. */
  token: { value: string; issuedAt: number; writer: string; startedAt: number } | undefined;
  busy: Busyness;
  /** AWS can't use the KMS key. */
  keyIsAway: boolean;
  port: number;
}

/** The parts of the account that this file needs. */
export interface ClusterSettings {
  clock: Clock;
  durations: Durations;
  region: string;
}

const DEFAULT_PORT = 8182;

export function createCluster(setting: ClusterSettings, options: ClusterOptions, serial: number): Cluster {
  const { clock, region } = setting;
  const identifier = options.identifier.toLowerCase();
  const status = options.status ?? 'available';
  const instances = options.instances ?? 1;
  const names =
    typeof instances === 'number' ? Array.from({ length: instances }, (_, i) => `${identifier}-${i + 1}`) : instances;
  const cluster: Cluster = {
    serial,
    identifier,
    arn: arnOf.cluster(region, identifier),
    resourceId: `cluster-${randomBytes(16).toString('hex').slice(0, 26).toUpperCase()}`,
    engine: options.engine ?? 'neptune',
    engineVersion: options.engineVersion ?? '1.4.5.1',
    createdAt: clock.now() - 30 * 86_400_000,
    iam: options.iam ?? true,
    globalCluster: options.globalCluster,
    failsOverOnReset: options.failsOverOnReset ?? false,
    whileRestarting: options.whileRestarting ?? 'drop',
    tags: options.tags ?? {},
    instances: names.map((name, number) =>
      createInstance(clock, {
        identifier: name.toLowerCase(),
        instanceClass: options.instanceClass ?? 'db.r6g.large',
        // A status of the cluster alone, such as `backing-up`, isn't one of its instances.
        status: isShared(status) ? status : 'available',
        number,
      }),
    ),
    status: new Timeline(clock, status),
    writer: new Timeline(clock, names[0]?.toLowerCase() ?? ''),
    data: new Timeline(clock, options.data ?? 0),
    token: undefined,
    busy: options.busy ?? {},
    keyIsAway: false,
    port: DEFAULT_PORT,
  };
  if (options.statusMs !== undefined) {
    cluster.status.run([{ to: status, forMs: options.statusMs }, { to: 'available' }]);
  } else if (clusterLifecycle[status] !== undefined) moveCluster(setting, cluster, status);
  return cluster;
}

/** The status that callers see; `undefined` once deleted, or before it existed. */
export function clusterStatusAt(cluster: Cluster, time: number): string | undefined {
  const status = cluster.status.at(time);
  return status === 'deleted' ? undefined : status;
}

/** Whether a cluster's status is its instances' as well. */
function isShared(status: string): boolean {
  return status === recoverable || (clusterLifecycle[status] !== undefined && status !== 'failing-over');
}

export const recoverable = 'inaccessible-encryption-credentials-recoverable';

/**
 * Sets the status of a cluster and its instances, whatever it was. The statuses that follow by themselves are planned.
 */
export function moveCluster(setting: ClusterSettings, cluster: Cluster, status: string): void {
  const { clock, durations } = setting;
  cluster.status.run(planStory(clusterLifecycle, status, durations));
  for (const instance of cluster.instances) {
    if (isShared(status)) runInstance(clock, instance, status, durations, durations.instanceLagMs);
    else if (status === 'available') runInstance(clock, instance, status, durations, 0);
  }
}

/** StopDBCluster and StartDBCluster: from one status only, which every instance must have. */
export function requestMove(setting: ClusterSettings, cluster: Cluster, move: 'stop' | 'start'): void {
  const [needed, next] = move === 'stop' ? ['available', 'stopping'] : ['stopped', 'starting'];
  if (move === 'start' && cluster.status.now === recoverable) {
    if (cluster.keyIsAway) throw refusal('neptune', 'KMSKeyNotAccessibleFault', 'The KMS key cannot be accessed.');
    return moveCluster(setting, cluster, next);
  }
  if (cluster.status.now !== needed) {
    throw refusal(
      'neptune',
      'InvalidDBClusterStateFault',
      `DbCluster ${cluster.identifier} is in ${cluster.status.now} state but expected it to be one of ${needed}.`,
    );
  }
  if (move === 'stop' && cluster.globalCluster !== undefined) {
    throw refusal(
      'neptune',
      'InvalidDBClusterStateFault',
      `DbCluster ${cluster.identifier} is a member of global cluster ${cluster.globalCluster} and can't be stopped.`,
    );
  }
  for (const instance of cluster.instances) {
    if (instance.status.now === needed) continue;
    throw refusal(
      'neptune',
      'InvalidDBInstanceStateFault',
      `The specified DB instance ${instance.identifier} is not in the ${needed} state.`,
    );
  }
  moveCluster(setting, cluster, next);
}

/** Makes another instance the writer and restarts both. With one instance only, it restarts the writer. */
export function failOver(setting: ClusterSettings, cluster: Cluster): void {
  const { clock, durations } = setting;
  cluster.status.run(planStory(clusterLifecycle, 'failing-over', durations));
  const old = cluster.instances.find((instance) => instance.identifier === cluster.writer.now);
  const next = cluster.instances.find((instance) => instance !== old);
  if (next) cluster.writer.run([{ to: next.identifier }]);
  for (const instance of [old, next]) if (instance) restart(clock, instance, 0, durations.failoverMs);
}
