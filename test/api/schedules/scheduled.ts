// A door with schedules, over a store that already knows what was seen: written as the ticks write it, without their clock.
import type { Logger } from 'pino';
import type { Config } from '../../../src/config.ts';
import type { Storage } from '../../../src/queue/storage.ts';
import type { Change } from '../../../src/records/store.ts';
import { calendarOf } from '../../../src/schedules/calendar/calendar.ts';
import { type LedgerState, type LedgerSpan, midnightAfter, spanChange } from '../../../src/schedules/ledger.ts';
import { readPlan } from '../../../src/schedules/file/schedule-file.ts';
import { type FileFinding, type SchedulePlan, resourceKinds } from '../../../src/schedules/schedule.ts';
import { lookRecordKey } from '../../../src/schedules/resource-cache.ts';
import {
  type ManagedResource,
  managedResourceIndexes,
  managedResourceKey,
} from '../../../src/schedules/managed-resource.ts';
import type { WatchedPlan, WatchedState } from '../../../src/schedules/file/watched-plan.ts';
import { type OpenStorage, silent, storageKinds } from '../../support/storages.ts';
import { type TestDoor, doorConfig, openDoor } from '../server.ts';

/** A Wednesday, 11:30 in Berlin. */
export const present = Date.parse('2026-11-18T10:30:00Z');
const begin = Date.parse('2026-11-02T00:00:00Z');

export const scheduleText = `
version: 1
timeZone: Europe/Berlin
schedules:
  office-hours:
    description: Development sleeps at night and on weekends
    running: { days: mon-fri, from: "07:00", to: "19:00" }
    applies: [{ clusters: ["dev-*", nowhere-1], graphs: ["*"] }]
  secret-nights:
    timeZone: America/New_York
    running: { days: daily, from: "08:00", to: "20:00" }
    applies: [{ clusters: ["prod-*"], target: prod }]
  snapshots:
    cron: "30 2 * * *"
    operation: create-graph-snapshot
    input: { snapshotName: "nightly-{date}" }
    applies: [{ graphs: [g-0123456789] }]
prices:
  currency: USD
  instances: { db.r6g.large: 0.5 }
  graph-memory: 0.4
`;

function planOf(text: string): SchedulePlan {
  const { plan, findings } = readPlan(text, doorConfig, present);
  if (plan === undefined) throw new Error(JSON.stringify(findings));
  return plan;
}

/** A file that doesn't change, but as the test says. */
function watched(text: string): WatchedPlan & { state: WatchedState; break(findings: readonly FileFinding[]): void } {
  const { findings } = readPlan(text, doorConfig, present);
  return {
    state: { plan: planOf(text), loadedAt: present - 3_600_000, findings, broken: undefined },
    current() {
      return this.state;
    },
    break(broken) {
      this.state = { ...this.state, broken };
    },
    look: () => undefined,
    close: () => undefined,
  };
}

export function managed(
  resource: string,
  schedule: string | undefined,
  more: Partial<ManagedResource> = {},
): ManagedResource {
  const [target = '', kind = 'db-cluster', id = ''] = resource.split('/');
  return {
    schema: 1,
    resource,
    target,
    kind: kind as ManagedResource['kind'],
    id,
    name: id,
    arn: `arn:aws:rds:eu-west-1:123456789012:cluster:${id}`,
    status: 'available',
    condition: 'running',
    shape: kind === 'graph' ? { memory: 32 } : { instances: { 'db.r6g.large': 2 } },
    ...(schedule === undefined ? {} : { schedule }),
    since: begin,
    firstSeen: begin,
    ...more,
  };
}

/** The spans of a resource that did what its schedule says, ten minutes late each time; and what it is now. */
function history(one: ManagedResource, plan: SchedulePlan): { spans: LedgerSpan[]; since: number } {
  const schedule = plan.schedules.find(({ name }) => name === one.schedule);
  if (schedule?.kind !== 'running') return { spans: [], since: one.since };
  const moves = calendarOf(schedule)
    .spans(one.since, present)
    .flatMap(({ from, to, running }): [LedgerState, number, number][] => {
      const rest = Math.min(to, from + 600_000);
      return [
        ['moving', from, rest],
        [running ? 'running' : 'stopped', rest, to],
      ];
    });
  const { resource, target, kind, id, name, shape } = one;
  const cut = moves.flatMap(([state, from, to]) => {
    const spans: LedgerSpan[] = [];
    for (let start = from; start < to; start = midnightAfter(start)) {
      const end = Math.min(to, midnightAfter(start));
      spans.push({ resource, target, kind, id, name, schedule: schedule.name, state, from: start, to: end, shape });
    }
    return spans;
  });
  const last = cut.pop();
  return { spans: cut, since: last?.from ?? one.since };
}

async function remember(
  { store }: Storage,
  plan: SchedulePlan,
  managedResources: readonly ManagedResource[],
): Promise<void> {
  for (const target of ['default', 'prod']) {
    for (const kind of resourceKinds) {
      const value = { target, kind, at: present };
      await store.commit([{ op: 'create', key: lookRecordKey(target, kind), value, indexes: { sights: 0 } }]);
    }
  }
  for (const one of managedResources) {
    const { spans, since } = history(one, plan);
    const value = { ...one, since };
    const own: Change = {
      op: 'create',
      key: managedResourceKey(one.resource),
      value,
      indexes: managedResourceIndexes(value),
    };
    const changes = [own, ...spans.map(spanChange)];
    for (let from = 0; from < changes.length; from += 100) {
      const committed = await store.commit(changes.slice(from, from + 100));
      if (!committed.ok) throw new Error('The store knows some of it already.');
    }
  }
}

export const usual: readonly ManagedResource[] = [
  managed('default/db-cluster/dev-1', 'office-hours'),
  managed('default/db-cluster/dev-2', 'office-hours', { shape: { instances: { 'db.r8g.large': 1 } } }),
  managed('default/graph/g-0123456789', 'office-hours', { name: 'catalogue', status: 'AVAILABLE' }),
  managed('prod/db-cluster/prod-1', 'secret-nights', { status: 'stopped', condition: 'stopped' }),
];

export interface ScheduledPlace {
  readonly storage: Storage;
  readonly file: ReturnType<typeof watched>;
  readonly door: TestDoor;
  /** The store's clock. */
  readonly clock: { now: number };
  close(): Promise<void>;
}

interface PlaceOptions {
  readonly text?: string;
  readonly managedResources?: readonly ManagedResource[];
  readonly config?: Partial<Config>;
  readonly log?: Logger;
  readonly kind?: 'redis' | 'embedded';
}

export async function openScheduled(options: PlaceOptions = {}): Promise<ScheduledPlace> {
  const { text = scheduleText, managedResources = usual, config = {}, log = silent, kind = 'embedded' } = options;
  const clock = { now: present };
  const found = storageKinds().find(({ name }) => name === kind) ?? storageKinds()[0];
  if (found === undefined) throw new Error('There is no store.');
  const place: OpenStorage = await found.open(() => clock.now);
  const file = watched(text);
  await remember(place.storage, planOf(text), managedResources);
  const door = openDoor(place.storage, { ...doorConfig, ...config }, undefined, log, file);
  return {
    storage: place.storage,
    file,
    door,
    clock,
    async close() {
      await door.close();
      await place.close();
    },
  };
}
