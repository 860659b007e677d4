// Snapshots of database clusters. Refusals are for callers of the API.
import type { Cluster, ClusterSettings } from './clusters.ts';
import { clusterSnapshotLifecycle, planStory } from '../lifecycles.ts';
import { arnOf } from '../names.ts';
import { refusal } from '../refusal.ts';
import { Timeline } from '../timeline.ts';

export interface ClusterSnapshotOptions {
  identifier: string;
  clusterIdentifier: string;
  /** Default `available`. */
  status?: string;
  /** Milliseconds since 1970; default: now. */
  createdAt?: number;
  tags?: Readonly<Record<string, string>>;
}

export interface ClusterSnapshot {
  readonly serial: number;
  readonly identifier: string;
  readonly arn: string;
  readonly cluster: Cluster;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly status: Timeline<string>;
}

export function createClusterSnapshot(
  setting: ClusterSettings,
  cluster: Cluster,
  options: Omit<ClusterSnapshotOptions, 'clusterIdentifier'>,
  serial: number,
): ClusterSnapshot {
  const { identifier, status = 'available', createdAt = setting.clock.now(), tags = {} } = options;
  const snapshot: ClusterSnapshot = {
    serial,
    identifier,
    arn: arnOf.clusterSnapshot(setting.region, identifier),
    cluster,
    createdAt,
    tags,
    status: new Timeline(setting.clock, status, createdAt),
  };
  if (clusterSnapshotLifecycle[status]) moveClusterSnapshot(setting, snapshot, status);
  return snapshot;
}

/** Puts a snapshot into a status, whatever it was; what follows by itself follows. */
export function moveClusterSnapshot(setting: ClusterSettings, snapshot: ClusterSnapshot, status: string): void {
  snapshot.status.run(planStory(clusterSnapshotLifecycle, status, setting.durations));
}

/** Refuses unless the cluster is available, or `stopped` and that is let pass. */
export function needSnapshottable(cluster: Cluster, ofStopped: 'refused' | 'taken'): void {
  const status = cluster.status.now;
  if (status === 'available' || (status === 'stopped' && ofStopped === 'taken')) return;
  throw refusal(
    'neptune',
    'InvalidDBClusterStateFault',
    `DbCluster ${cluster.identifier} is in ${status} state but expected it to be one of available.`,
  );
}
