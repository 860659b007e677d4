// The operations of Neptune's management API.
import { needSnapshottable } from './cluster-snapshots.ts';
import { type Cluster, clusterStatusAt, requestMove } from './clusters.ts';
import type { RequestContext } from '../endpoint.ts';
import type { Journal } from '../journal.ts';
import { resourceName } from '../names.ts';
import { describeCluster, describeClusterSnapshot, describeInstance, type NeptuneAccount } from './neptune-answers.ts';
import { filtersOf, identifierIn, type Parameters, pageRequestOf, required, tagsOf } from './neptune-parameters.ts';
import { refusal } from '../refusal.ts';

/** What an operation works on. */
export interface NeptuneState extends NeptuneAccount {
  journal: Journal;
}

/** One operation. */
interface Action {
  /** The parameter that names the operation's cluster. */
  about?: string;
  perform(state: NeptuneState, input: Parameters, request: RequestContext): Record<string, unknown> | undefined;
}

function clusterNotFound(identifier: string): Error {
  return refusal('neptune', 'DBClusterNotFoundFault', `DBCluster ${identifier} not found.`);
}

function statusOf(cluster: Cluster, request: RequestContext): { time: number; status: string | undefined } {
  const time = request.asOf(resourceName.cluster(cluster.identifier));
  return { time, status: clusterStatusAt(cluster, time) };
}

function findCluster(state: NeptuneState, input: Parameters): Cluster {
  const identifier = identifierIn(input, 'DBClusterIdentifier');
  const cluster = state.account.clusters.get(identifier);
  if (cluster === undefined || cluster.status.now === 'deleted') throw clusterNotFound(identifier);
  return cluster;
}

/** The existing clusters that match the filters, in order of creation. */
function* findClusters(state: NeptuneState, filters: ReturnType<typeof filtersOf>, only?: string): Iterable<Cluster> {
  const { clusters } = state.account;
  // Named clusters are looked up, because there may be a thousand others.
  const identifiers = only === undefined ? filters.identifiers : [only];
  const named = identifiers?.flatMap((identifier) => clusters.get(identifier) ?? []);
  const candidates = named ? new Set(named.sort((a, b) => a.serial - b.serial)) : clusters.values();
  for (const cluster of candidates) {
    const { identifier, arn, engine } = cluster;
    if (cluster.status.now !== 'deleted' && filters.meet({ ids: [identifier, arn], engine })) yield cluster;
  }
}

function moveAction(move: 'stop' | 'start'): Action {
  return {
    about: 'DBClusterIdentifier',
    perform(state, input, request) {
      const { account, journal } = state;
      const cluster = findCluster(state, input);
      requestMove(account, cluster, move);
      journal.changed(`${move}-db-cluster`, resourceName.cluster(cluster.identifier), request.requestId);
      return { DBCluster: describeCluster(state, cluster, cluster.status.now, account.clock.now()) };
    },
  };
}

/** All operations that the emulator has. */
export const actions: Readonly<Record<string, Action>> = {
  StopDBCluster: moveAction('stop'),
  StartDBCluster: moveAction('start'),

  DescribeDBClusters: {
    about: 'DBClusterIdentifier',
    perform(state, input, request) {
      const wanted = input['DBClusterIdentifier'] ? identifierIn(input, 'DBClusterIdentifier') : undefined;
      const filters = filtersOf(input, ['db-cluster-id', 'engine']);
      const found: Record<string, unknown>[] = [];
      const page = pageRequestOf(input, findClusters(state, filters, wanted), () => true);
      for (const cluster of page.items) {
        const { status, time } = statusOf(cluster, request);
        if (status !== undefined) found.push(describeCluster(state, cluster, status, time));
      }
      if (wanted !== undefined && found.length === 0 && !filters.given) throw clusterNotFound(wanted);
      return { Marker: page.next, DBClusters: { DBCluster: found } };
    },
  },

  DescribeDBInstances: {
    perform(state, input, request) {
      const wanted = input['DBInstanceIdentifier'] ? identifierIn(input, 'DBInstanceIdentifier') : undefined;
      const filters = filtersOf(input, ['db-cluster-id', 'engine']);
      const rows = function* () {
        for (const cluster of findClusters(state, filters)) {
          // Instances have fractions of their cluster's serial, so that a page can end between them.
          for (const [i, instance] of cluster.instances.entries()) {
            yield { serial: cluster.serial * 1000 + i, cluster, instance };
          }
        }
      };
      const page = pageRequestOf(
        input,
        rows(),
        ({ instance }) => wanted === undefined || instance.identifier === wanted,
      );
      if (wanted !== undefined && page.items.length === 0 && !filters.given) {
        throw refusal('neptune', 'DBInstanceNotFoundFault', `DBInstance ${wanted} not found.`);
      }
      const found = page.items.map(({ cluster, instance }) => {
        const { time } = statusOf(cluster, request);
        return describeInstance(state, cluster, instance, instance.status.at(time) ?? instance.status.now, time);
      });
      return { Marker: page.next, DBInstances: { DBInstance: found } };
    },
  },

  ListTagsForResource: {
    perform(state, input) {
      const arn = required(input, 'ResourceName');
      if (!/^arn:aws[a-z-]*:rds:[^:]+:\d{12}:[a-z-]+:.+$/.test(arn)) {
        throw refusal('neptune', 'InvalidParameterValue', `Invalid resource name: ${arn}`);
      }
      const tagged = [...state.account.clusters.values(), ...state.account.clusterSnapshots.values()];
      const found = tagged.find((each) => each.arn === arn && each.status.now !== 'deleted');
      if (found === undefined) throw clusterNotFound(arn);
      const tags = Object.entries(found.tags).map(([Key, Value]) => ({ Key, Value }));
      return { TagList: { Tag: tags } };
    },
  },

  CreateDBClusterSnapshot: {
    about: 'DBClusterIdentifier',
    perform(state, input, request) {
      const { account, journal } = state;
      const identifier = identifierIn(input, 'DBClusterSnapshotIdentifier');
      const cluster = findCluster(state, input);
      const tags = tagsOf(input);
      const other = account.clusterSnapshots.get(identifier);
      if (other !== undefined && other.status.now !== 'deleted') {
        const message = `Cannot create the cluster snapshot because one with the identifier ${identifier} already exists.`;
        throw refusal('neptune', 'DBClusterSnapshotAlreadyExistsFault', message);
      }
      needSnapshottable(cluster, account.snapshotsOfStopped);
      const clusterIdentifier = cluster.identifier;
      const snapshot = account.addClusterSnapshot({ identifier, clusterIdentifier, status: 'creating', tags });
      const detail = { snapshot: identifier };
      journal.changed(
        'create-db-cluster-snapshot',
        resourceName.cluster(cluster.identifier),
        request.requestId,
        detail,
      );
      return { DBClusterSnapshot: describeClusterSnapshot(state, snapshot, snapshot.status.now) };
    },
  },

  DescribeDBClusterSnapshots: {
    perform(state, input, request) {
      const { account } = state;
      const { DBClusterSnapshotIdentifier, DBClusterIdentifier } = input;
      if (DBClusterSnapshotIdentifier && DBClusterIdentifier) {
        const message = "DBClusterIdentifier can't be used with DBClusterSnapshotIdentifier.";
        throw refusal('neptune', 'InvalidParameterCombination', message);
      }
      filtersOf(input, []);
      const one = DBClusterSnapshotIdentifier ? identifierIn(input, 'DBClusterSnapshotIdentifier') : undefined;
      const of = DBClusterIdentifier ? identifierIn(input, 'DBClusterIdentifier') : undefined;
      const page = pageRequestOf(
        input,
        account.clusterSnapshots.values(),
        (each) =>
          (one === undefined || each.identifier === one) && (of === undefined || each.cluster.identifier === of),
      );
      const found = page.items.flatMap((snapshot) => {
        const status = snapshot.status.at(request.asOf(resourceName.clusterSnapshot(snapshot.identifier)));
        return status === undefined || status === 'deleted' ? [] : [describeClusterSnapshot(state, snapshot, status)];
      });
      if (one !== undefined && found.length === 0) {
        throw refusal('neptune', 'DBClusterSnapshotNotFoundFault', `DBClusterSnapshot ${one} not found.`);
      }
      return { Marker: page.next, DBClusterSnapshots: { DBClusterSnapshot: found } };
    },
  },
};
