// Metrics of schedules, the resources under them, and holds.
import type { Table } from './definition.ts';

export const scheduleDefinitions = {
  neptune_ops_schedule_ticks_total: {
    type: 'counter',
    help: 'Ticks of the schedules that this process carried out.',
    labels: { result: 'tickResult' },
    of: 'process',
  },
  neptune_ops_schedule_tick_duration_seconds: {
    type: 'histogram',
    help: 'One tick, all looks at AWS included.',
    labels: {},
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    of: 'process',
  },
  neptune_ops_schedule_file_ok: {
    type: 'gauge',
    help: '1 when the schedules file is in force as it stands, 0 when it is broken and the last good one is. Absent without a file.',
    labels: {},
    of: 'process',
  },
  neptune_ops_schedule_look_age_seconds: {
    type: 'gauge',
    help: 'How long ago the last whole look at this kind of resource was.',
    labels: { target: 'target', kind: 'kind' },
    of: 'store',
  },
  neptune_ops_schedule_blind_seconds: {
    type: 'gauge',
    help: 'For how long AWS has not let itself be looked at; 0 when it does.',
    labels: { target: 'target', kind: 'kind' },
    of: 'store',
  },
  neptune_ops_schedule_resources: {
    type: 'gauge',
    help: 'Resources under schedules, by what they are and what they should be; worked out anew each minute.',
    labels: { target: 'target', kind: 'kind', condition: 'condition', should: 'should' },
    of: 'store',
  },
  neptune_ops_schedule_stops_postponed: {
    type: 'gauge',
    help: 'Resources whose stop waits because they are in use, or because that can’t be read; worked out anew each minute.',
    labels: { target: 'target', kind: 'kind' },
    of: 'store',
  },
  neptune_ops_schedule_setbacks: {
    type: 'gauge',
    help: 'Resources that a schedule could not bring where they should be, and tries again later; worked out anew each minute.',
    labels: { target: 'target', kind: 'kind' },
    of: 'store',
  },
  neptune_ops_schedule_setbacks_total: {
    type: 'counter',
    help: 'How often starting or stopping a resource by a schedule went wrong.',
    labels: { target: 'target', kind: 'kind', goal: 'goal' },
    of: 'process',
  },
  neptune_ops_schedule_ledger_seconds_total: {
    type: 'counter',
    help: 'Time of resources in the ledger, by state; stopped is what was slept. Added when a stretch ends, at midnight UTC at the latest.',
    labels: { target: 'target', kind: 'kind', state: 'ledgerState' },
    of: 'process',
  },
  neptune_ops_hold: {
    type: 'gauge',
    help: '1 while a hold is on, for a target or for all.',
    labels: { target: 'held' },
    of: 'store',
  },
  neptune_ops_hold_age_seconds: {
    type: 'gauge',
    help: 'For how long the hold is on; 0 when there is none.',
    labels: { target: 'held' },
    of: 'store',
  },
} as const satisfies Table;
