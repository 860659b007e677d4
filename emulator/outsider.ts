// Somebody else with access to the account: the console, another tool, AWS itself. An outsider is never refused.
import { moveClusterSnapshot } from './neptune/cluster-snapshots.ts';
import { type Busyness, failOver, moveCluster, recoverable } from './neptune/clusters.ts';
import { initiateReset } from './neptune/engine.ts';
import { restart } from './neptune/instances.ts';
import { type GraphBusyness, moveGraph, moveSnapshot } from './graph/graphs.ts';
import { stopImport } from './graph/imports.ts';
import type { Journal } from './journal.ts';
import { resourceName } from './names.ts';
import type { Account } from './account.ts';

/** How long a status lasts, and which one follows. Without it, the status stays or follows its lifecycle. */
interface Lasting {
  forMs?: number;
  /** Default: available, in the resource's spelling. */
  then?: string;
}

export interface Outsider {
  startCluster(identifier: string): void;
  stopCluster(identifier: string): void;
  setClusterStatus(identifier: string, status: string, lasting?: Lasting): void;
  /** Sets the status of one instance, by its identifier. */
  setInstanceStatus(identifier: string, status: string, lasting?: Lasting): void;
  /** AWS can't use the KMS key any more, until it is given back; then the cluster waits to be started. */
  takeKey(identifier: string): void;
  giveKeyBack(identifier: string): void;
  deleteCluster(identifier: string): void;
  failover(identifier: string): void;
  /** Restarts every process of a cluster, which makes its reset token invalid. The management API doesn't show it. */
  restart(identifier: string): void;
  /** Issues a reset token. Older ones become invalid. */
  initiateReset(identifier: string): string;
  setData(identifier: string, nodes: number): void;
  setBusy(identifier: string, busy: Busyness): void;
  setClusterSnapshotStatus(identifier: string, status: string): void;
  setGraphStatus(id: string, status: string, lasting?: Lasting): void;
  setGraphBusy(id: string, busy: GraphBusyness): void;
  setSnapshotStatus(id: string, status: string): void;
  cancelImport(id: string): void;
  /** Sets any status at once, with a reason if one is given. */
  setImportStatus(id: string, status: string, reason?: string): void;
}

export function createOutsider(account: Account, journal: Journal): Outsider {
  const pick = <T>(things: Map<string, T>, id: string, resource: string, change: string, detail = {}): T => {
    const thing = things.get(id);
    if (thing === undefined) throw new Error(`there is no ${resource}`);
    journal.changed('outsider', resource, '', { change, ...detail });
    return thing;
  };
  const cluster = (id: string, change: string, detail = {}) =>
    pick(account.clusters, id, resourceName.cluster(id), change, detail);
  const graph = (id: string, change: string, detail = {}) =>
    pick(account.graphs, id, resourceName.graph(id), change, detail);
  const task = (id: string, change: string, detail = {}) =>
    pick(account.importTasks, id, resourceName.importTask(id), change, detail);

  return {
    startCluster: (id) => moveCluster(account, cluster(id, 'start'), 'starting'),
    stopCluster: (id) => moveCluster(account, cluster(id, 'stop'), 'stopping'),
    setClusterStatus(id, status, { forMs, then = 'available' } = {}) {
      const target = cluster(id, 'set-status', { status });
      if (forMs === undefined) moveCluster(account, target, status);
      else target.status.run([{ to: status, forMs }, { to: then }]);
    },
    setInstanceStatus(id, status, { forMs, then = 'available' } = {}) {
      const instances = [...account.clusters.values()].flatMap((each) => each.instances);
      const instance = instances.find((each) => each.identifier === id);
      if (instance === undefined) throw new Error(`there is no instance ${id}`);
      instance.status.run(forMs === undefined ? [{ to: status }] : [{ to: status, forMs }, { to: then }]);
    },
    takeKey(id) {
      const target = cluster(id, 'take-key');
      target.keyIsAway = true;
      moveCluster(account, target, recoverable);
    },
    giveKeyBack(id) {
      cluster(id, 'give-key-back').keyIsAway = false;
    },
    deleteCluster: (id) => moveCluster(account, cluster(id, 'delete'), 'deleting'),
    failover: (id) => failOver(account, cluster(id, 'failover')),
    restart(id) {
      for (const instance of cluster(id, 'restart').instances) {
        restart(account.clock, instance, 0, account.durations.resetRestartMs);
      }
    },
    initiateReset: (id) => initiateReset(account, cluster(id, 'initiate-reset')),
    setData: (id, nodes) => cluster(id, 'set-data', { nodes }).data.run([{ to: nodes }]),
    setBusy(id, busy) {
      cluster(id, 'set-busy').busy = busy;
    },
    setClusterSnapshotStatus(id, status) {
      const resource = resourceName.clusterSnapshot(id);
      moveClusterSnapshot(account, pick(account.clusterSnapshots, id, resource, 'set-status', { status }), status);
    },
    setGraphStatus(id, status, { forMs, then = 'AVAILABLE' } = {}) {
      const target = graph(id, 'set-status', { status });
      if (forMs === undefined) moveGraph(account, target, status);
      else target.status.run([{ to: status, forMs }, { to: then }]);
    },
    setGraphBusy(id, busy) {
      graph(id, 'set-busy').busy = busy;
    },
    setSnapshotStatus(id, status) {
      moveSnapshot(
        account,
        pick(account.graphSnapshots, id, resourceName.graphSnapshot(id), 'set-status', { status }),
        status,
      );
    },
    cancelImport(id) {
      const target = task(id, 'cancel');
      const { cancelImportMs: forMs } = account.durations;
      stopImport(account, target, 'CANCELLED', forMs);
      account.graphs.get(target.graphId)?.status.run([{ to: 'IMPORTING', forMs }, { to: 'AVAILABLE' }]);
    },
    setImportStatus(id, status, reason) {
      const target = task(id, 'set-status', { status });
      stopImport(account, target, status, 0);
      if (reason !== undefined) target.phases.run([{ to: { ...target.phases.now, reason } }]);
    },
  };
}
