// Schedules and sleepers for tests of the reconciler, with everything that a test doesn't care about filled in.
import type { ObservedResource } from '../../src/aws/inventory.ts';
import { calendarOf } from '../../src/schedules/calendar/calendar.ts';
import type { ResourceLook } from '../../src/schedules/reconcile/observe.ts';
import type { CronSchedule, RunningSchedule, Selection } from '../../src/schedules/schedule.ts';
import type { ManagedResource } from '../../src/schedules/managed-resource.ts';
import { everyDay, running, window } from './running.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

const place = { line: 1, column: 1 };

/** `dev-*`, `g-*` by name or `team=web` by tag. */
export function selection(text: string, kind?: Selection['kind']): Selection {
  const [key, value] = text.split('=');
  const common = { target: 'default', kind: kind ?? (text.startsWith('g-') ? 'graph' : 'db-cluster'), place } as const;
  return value === undefined
    ? { ...common, pattern: text }
    : { ...common, pattern: '*', tag: { key: key ?? '', value } };
}

/** Running from seven to seven by UTC, every day. */
export function office(applies: readonly string[], more: Partial<RunningSchedule> = {}): RunningSchedule {
  const schedule = running('UTC', [window(everyDay, '07:00', '19:00')]);
  return { ...schedule, name: 'office', applies: applies.map((each) => selection(each)), ...more };
}

export function nightly(more: Partial<CronSchedule> = {}): CronSchedule {
  return {
    kind: 'cron',
    name: 'nightly',
    timeZone: 'UTC',
    cron: '30 2 * * *',
    operation: 'create-graph-snapshot',
    input: { snapshotName: 'nightly-{date}-{id}' },
    applies: [selection('g-*')],
    place,
    ...more,
  };
}

export function observed(more: Partial<ObservedResource> = {}): ObservedResource {
  return {
    kind: 'db-cluster',
    id: 'dev-1',
    name: 'dev-1',
    arn: 'arn:dev-1',
    status: 'available',
    condition: 'running',
    settled: true,
    shape: { instances: { 'db.r6g.large': 1 } },
    engines: [],
    ...more,
  };
}

export function managed(more: Partial<ManagedResource> = {}): ManagedResource {
  return {
    schema: 1,
    resource: 'default/db-cluster/dev-1',
    target: 'default',
    kind: 'db-cluster',
    id: 'dev-1',
    name: 'dev-1',
    arn: 'arn:dev-1',
    status: 'available',
    condition: 'running',
    shape: { instances: { 'db.r6g.large': 1 } },
    schedule: 'office',
    since: 0,
    firstSeen: 0,
    ...more,
  };
}

export const evening = Date.parse('2026-11-20T21:00:00Z');
const calendar = calendarOf(office(['dev-1']));

/** Of the office in the evening, a minute after the one before. */
export function look(more: Partial<ResourceLook> = {}): ResourceLook {
  return {
    target: 'default',
    at: evening,
    lastLook: evening - minute,
    gap: false,
    isRemeant: false,
    schedule: 'office',
    calendar,
    ...more,
  };
}
