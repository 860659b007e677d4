// Four weeks of an account with many clusters and graphs, and what happens to it: people, faults, an outage. The reconciler
// sees it through the same port as AWS; the jobs go to the stand-ins through real SDK clients.
import type { ObservedResource } from '../../src/aws/inventory.ts';
import type { Activity } from '../../src/aws/activity.ts';
import { type Cluster, clusterStatusAt } from '../../emulator/neptune/clusters.ts';
import type { Graph } from '../../emulator/graph/graphs.ts';
import type { Account } from '../../emulator/account.ts';
import type { RunningSchedule, SchedulePlan, Selection, Window } from '../../src/schedules/schedule.ts';
import type { Inventory } from '../../src/schedules/dependencies.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** Numbers that are the same in every run. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const place = { line: 1, column: 1 };
const workdays = [1, 2, 3, 4, 5];

function windows(days: readonly number[], from: number, to: number): Window[] {
  return [{ days, from: from * 60, to: to * 60, place }];
}

function applies(kind: Selection['kind'], pattern: string, tag?: Selection['tag']): Selection {
  return { target: 'default', kind, pattern, place, ...(tag ? { tag } : {}) };
}

function running(name: string, more: Partial<RunningSchedule>): RunningSchedule {
  return {
    kind: 'running',
    name,
    timeZone: 'Europe/Berlin',
    applies: [],
    windows: [],
    exceptions: [],
    once: [],
    policy: 'enforce',
    priority: 0,
    stopPolicy: { postpone: 6 * hour, afterwards: 'leave', unknown: 'leave', snapshot: false },
    place,
    ...more,
  };
}

export const plan: SchedulePlan = {
  schedules: [
    running('office', {
      windows: windows(workdays, 7, 19),
      applies: [applies('db-cluster', 'dev-*'), applies('graph', '*')],
    }),
    running('testers', {
      windows: windows(workdays, 8, 20),
      applies: [applies('db-cluster', '*', { key: 'Schedule', value: 'testers' })],
      policy: 'respect-manual',
      timeZone: 'America/New_York',
    }),
    running('evenings', {
      windows: windows([1, 2, 3, 4, 5, 6, 7], 18, 23),
      applies: [applies('db-cluster', 'batch-*')],
      stopPolicy: { postpone: hour, afterwards: 'stop', unknown: 'stop', snapshot: false },
    }),
    running('archive', { applies: [applies('db-cluster', 'archive-*')] }),
  ],
};

export async function populate(account: Account): Promise<void> {
  const add = async (count: number, prefix: string, tags: Record<string, string> = {}) => {
    for (let i = 0; i < count; i += 1) {
      const instanceClass = i % 3 === 0 ? 'db.r6g.xlarge' : 'db.r6g.large';
      await account.addCluster({
        identifier: `${prefix}-${i}`,
        instances: 1 + (i % 2),
        instanceClass,
        tags,
        dataPlane: false,
      });
    }
  };
  await add(90, 'dev');
  await add(60, 'test', { Schedule: 'testers' });
  await add(35, 'batch');
  await add(15, 'archive');
  for (let i = 0; i < 50; i += 1) account.addGraph({ name: `graph-${i}`, provisionedMemory: 16 });
}

export interface Seen {
  looks: number;
  tagReads: number;
  useReads: number;
}

/** The account as lists show it: sometimes minutes old, sometimes not at all. */
export function estateOver(account: Account, random: () => number, seen: Seen): Inventory {
  const asOf = () => account.clock.now() - (random() < 0.03 ? random() * 3 * minute : 0);
  return {
    look(kind) {
      seen.looks += 1;
      if (random() < 0.02)
        return Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }));
      const sightings =
        kind === 'graph'
          ? [...account.graphs.values()].map((graph) => graphSighting(graph, asOf()))
          : [...account.clusters.values()].map((cluster) => clusterSighting(cluster, asOf()));
      return Promise.resolve(sightings.filter((observed) => observed !== undefined));
    },
    tags({ id }) {
      seen.tagReads += 1;
      if (random() < 0.02) return Promise.reject(new Error('Rate exceeded'));
      return Promise.resolve(account.clusters.get(id)?.tags ?? {});
    },
    activity({ id }): Promise<Activity> {
      seen.useReads += 1;
      const { gremlinQueries = 0 } = account.clusters.get(id)?.busy ?? {};
      if (gremlinQueries > 0) return Promise.resolve({ activity: 'busy', what: `${gremlinQueries} Gremlin queries` });
      return Promise.resolve(random() < 0.03 ? { activity: 'unknown', what: 'ECONNRESET' } : { activity: 'idle' });
    },
  };
}

const conditions: Readonly<Record<string, ObservedResource['condition']>> = {
  available: 'running',
  AVAILABLE: 'running',
  starting: 'starting',
  STARTING: 'starting',
  stopping: 'stopping',
  STOPPING: 'stopping',
  stopped: 'stopped',
  STOPPED: 'stopped',
};

function clusterSighting(cluster: Cluster, time: number): ObservedResource | undefined {
  const status = clusterStatusAt(cluster, time);
  if (status === undefined) return undefined;
  const { until = Infinity } = cluster.status.moment(time) ?? {};
  const classes: Record<string, number> = {};
  for (const { instanceClass } of cluster.instances) classes[instanceClass] = (classes[instanceClass] ?? 0) + 1;
  return {
    kind: 'db-cluster',
    id: cluster.identifier,
    name: cluster.identifier,
    arn: cluster.arn,
    resourceUid: cluster.resourceId,
    status,
    condition: conditions[status] ?? 'changing',
    settled: status === 'stopped' || cluster.instances.every((instance) => instance.status.at(time) === 'available'),
    shape: { instances: classes },
    ...(status === 'stopped' && Number.isFinite(until) ? { restartsAt: until } : {}),
    engines: [],
  };
}

function graphSighting(graph: Graph, time: number): ObservedResource | undefined {
  const status = graph.status.at(time);
  if (status === undefined || status === 'DELETED') return undefined;
  return {
    kind: 'graph',
    id: graph.id,
    name: graph.name,
    arn: graph.arn,
    status,
    condition: conditions[status] ?? 'changing',
    settled: true,
    shape: { memory: graph.provisionedMemory },
    engines: [],
  };
}
