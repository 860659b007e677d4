// Metrics of schedules, the resources under them, and holds.
import type { Table } from './definition.ts';

export const scheduleDefinitions = {
  neptune_ops_schedule_ticks_total: {
    type: 'counter',
    help: 'Ticks of the schedules that this process ran.',
    labels: { result: 'tickResult' },
    of: 'process',
  },
  neptune_ops_schedule_tick_duration_seconds: {
    type: 'histogram',
    help: 'Duration of a tick, reads of AWS included.',
    labels: {},
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    of: 'process',
  },
  neptune_ops_schedule_file_ok: {
    type: 'gauge',
    help: '1 when the schedules file is in force, 0 when it is broken and its last good version is. Absent without a file.',
    labels: {},
    of: 'process',
  },
  neptune_ops_schedule_look_age_seconds: {
    type: 'gauge',
    help: 'Time since the last complete look at this kind of resource.',
    labels: { target: 'target', kind: 'kind' },
    of: 'store',
  },
  neptune_ops_schedule_blind_seconds: {
    type: 'gauge',
    help: 'How long AWS’s lists have failed; 0 when they work.',
    labels: { target: 'target', kind: 'kind' },
    of: 'store',
  },
  neptune_ops_schedule_resources: {
    type: 'gauge',
    help: 'Resources under schedules, by actual and desired state; updated each minute.',
    labels: { target: 'target', kind: 'kind', condition: 'condition', should: 'should' },
    of: 'store',
  },
  neptune_ops_schedule_stops_postponed: {
    type: 'gauge',
    help: 'Resources whose stop waits because they are in use or their use can’t be read; updated each minute.',
    labels: { target: 'target', kind: 'kind' },
    of: 'store',
  },
  neptune_ops_schedule_setbacks: {
    type: 'gauge',
    help: 'Resources that a schedule could not start or stop, and tries again later; updated each minute.',
    labels: { target: 'target', kind: 'kind' },
    of: 'store',
  },
  neptune_ops_schedule_stuck: {
    type: 'gauge',
    help: 'Resources that have waited for longer than two hours for what is in the way of their schedule; worked out anew each minute.',
    labels: { target: 'target', kind: 'kind' },
    of: 'store',
  },
  neptune_ops_schedule_setbacks_total: {
    type: 'counter',
    help: 'How often a schedule failed to start or stop a resource.',
    labels: { target: 'target', kind: 'kind', goal: 'goal' },
    of: 'process',
  },
  neptune_ops_schedule_ledger_seconds_total: {
    type: 'counter',
    help: 'Time of resources in the ledger, by state. It is added when a span ends, at midnight UTC at the latest.',
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
    help: 'How long the hold has been on; 0 when there is none.',
    labels: { target: 'held' },
    of: 'store',
  },
} as const satisfies Table;
