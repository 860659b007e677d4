// Snapshots of database clusters. The functions for API calls throw refusals.
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

/** Sets a snapshot's status, whatever it was. The statuses that follow by themselves are planned. */
export function moveClusterSnapshot(setting: ClusterSettings, snapshot: ClusterSnapshot, status: string): void {
  snapshot.status.run(planStory(clusterSnapshotLifecycle, status, setting.durations));
}

/** Throws unless the cluster is available, or stopped where that is accepted. */
export function needSnapshottable(cluster: Cluster, ofStopped: 'refused' | 'taken'): void {
  const status = cluster.status.now;
  if (status === 'available' || (status === 'stopped' && ofStopped === 'taken')) return;
  throw refusal(
    'neptune',
    'InvalidDBClusterStateFault',
    `DbCluster ${cluster.identifier} is in ${status} state but expected it to be one of available.`,
  );
}
