// Every metric of the service, as a table: name, kind, labels and meaning. docs/metrics.md is made from it, and what isn't
// here can't be counted. Base units: seconds.
import type { Word } from './words.ts';

export interface Definition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The label's name, and which words may stand in it. */
  readonly labels: Readonly<Record<string, Word>>;
  /** Of a histogram: upper bounds. */
  readonly buckets?: readonly number[];
  /**
   * `process`: what this process did; processes are added up. `store`: what the store says, at the scrape; every process says
   * the same, so that of several the greatest is taken.
   */
  readonly of: 'process' | 'store';
}

const quick = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const calls = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
const waits = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];
/** A second to a week: resets take seconds, imports days. */
const lives = [1, 5, 15, 60, 180, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400, 604_800];

const process = { of: 'process' } as const;
const store = { of: 'store' } as const;

export const definitions = {
  neptune_ops_build_info: {
    type: 'gauge',
    help: 'Always 1. Which version runs, on which store, as which part.',
    labels: { version: 'version', store: 'store', role: 'role' },
    ...process,
  },
  neptune_ops_store_up: {
    type: 'gauge',
    help: '1 when the store answered this scrape in time, else 0; then everything that comes from the store is left out.',
    labels: {},
    ...process,
  },

  neptune_ops_jobs_accepted_total: {
    type: 'counter',
    help: 'Jobs that were made. Requests that joined a running job made none; those written by connectStore are not seen.',
    labels: { operation: 'operation' },
    ...process,
  },
  neptune_ops_jobs_ended_total: {
    type: 'counter',
    help: 'Jobs that ended, by how.',
    labels: { operation: 'operation', outcome: 'outcome' },
    ...process,
  },
  neptune_ops_job_duration_seconds: {
    type: 'histogram',
    help: 'From accepted to ended.',
    labels: { operation: 'operation' },
    buckets: lives,
    ...process,
  },
  neptune_ops_job_visits: {
    type: 'histogram',
    help: 'Visits that it took to end a job and that saw its resource; what met a fault in between is not in it.',
    labels: { operation: 'operation' },
    buckets: [1, 2, 3, 5, 10, 20, 50, 100, 500, 1_000],
    ...process,
  },
  neptune_ops_jobs: {
    type: 'gauge',
    help: 'Jobs that are kept, by state.',
    labels: { state: 'jobState' },
    ...store,
  },
  neptune_ops_jobs_overdue: {
    type: 'gauge',
    help: 'Jobs whose visit is overdue by more than 5 seconds; counted up to 1,000.',
    labels: {},
    ...store,
  },
  neptune_ops_jobs_overdue_age_seconds: {
    type: 'gauge',
    help: 'How long the most overdue visit is overdue; 0 when none is.',
    labels: {},
    ...store,
  },

  neptune_ops_workers_alive: {
    type: 'gauge',
    help: 'Processes that carry jobs out and gave a sign of life within 30 seconds.',
    labels: {},
    ...store,
  },
  neptune_ops_visits_total: {
    type: 'counter',
    help: 'Visits of workers, by what they led to: another one later, the end of the queue’s job, or trouble with the store.',
    labels: { queue: 'queue', result: 'visitResult' },
    ...process,
  },
  neptune_ops_visit_duration_seconds: {
    type: 'histogram',
    help: 'From the beginning of a visit to its end, calls to AWS included.',
    labels: { queue: 'queue' },
    buckets: calls,
    ...process,
  },
  neptune_ops_visit_lateness_seconds: {
    type: 'histogram',
    help: 'How long after it was due a visit began: what waiting for the rate limit, and for a free worker, costs.',
    labels: { queue: 'workQueue' },
    buckets: waits,
    ...process,
  },

  neptune_ops_aws_calls_total: {
    type: 'counter',
    help: 'Calls to Neptune’s APIs, by how they went: ok, the class of the fault, or not-sent where the last look before sending forbade it.',
    labels: { target: 'target', api: 'api', action: 'action', result: 'callResult' },
    ...process,
  },
  neptune_ops_aws_call_duration_seconds: {
    type: 'histogram',
    help: 'From handing a call to the SDK to its answer or fault; signing and the last look before sending are in it.',
    labels: { api: 'api', action: 'action' },
    buckets: calls,
    ...process,
  },

  neptune_ops_rate_limit: {
    type: 'gauge',
    help: 'Visits a second that the queue may make now.',
    labels: { queue: 'workQueue' },
    ...store,
  },
  neptune_ops_rate_limit_configured: {
    type: 'gauge',
    help: 'Visits a second by the settings, to which the limit rises back.',
    labels: { queue: 'workQueue' },
    ...store,
  },
  neptune_ops_rate_limit_wait_seconds: {
    type: 'gauge',
    help: 'How long the queue stands still from now on, for its limit is used up or AWS throttled; 0 when it doesn’t.',
    labels: { queue: 'workQueue' },
    ...store,
  },
  neptune_ops_rate_slowdowns_total: {
    type: 'counter',
    help: 'How often this process halved the queue’s limit because AWS throttled.',
    labels: { queue: 'workQueue' },
    ...process,
  },

  neptune_ops_events_waiting: {
    type: 'gauge',
    help: 'Completion events that are not delivered yet.',
    labels: {},
    ...store,
  },
  neptune_ops_events_oldest_age_seconds: {
    type: 'gauge',
    help: 'How long the oldest undelivered event waits; 0 when none does.',
    labels: {},
    ...store,
  },
  neptune_ops_event_deliveries_total: {
    type: 'counter',
    help: 'Tries to deliver an event: sent, to be tried later, or refused by SQS for good.',
    labels: { result: 'delivery' },
    ...process,
  },
  neptune_ops_event_delivery_duration_seconds: {
    type: 'histogram',
    help: 'A try to deliver an event, gathering into batches included.',
    labels: {},
    buckets: calls,
    ...process,
  },

  neptune_ops_schedule_ticks_total: {
    type: 'counter',
    help: 'Ticks of the schedules that this process carried out.',
    labels: { result: 'tickResult' },
    ...process,
  },
  neptune_ops_schedule_tick_duration_seconds: {
    type: 'histogram',
    help: 'One tick, all looks at AWS included.',
    labels: {},
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    ...process,
  },
  neptune_ops_schedule_file_ok: {
    type: 'gauge',
    help: '1 when the schedules file is in force as it stands, 0 when it is broken and the last good one is. Absent without a file.',
    labels: {},
    ...process,
  },
  neptune_ops_schedule_look_age_seconds: {
    type: 'gauge',
    help: 'How long ago the last whole look at this kind of resource was.',
    labels: { target: 'target', kind: 'kind' },
    ...store,
  },
  neptune_ops_schedule_blind_seconds: {
    type: 'gauge',
    help: 'For how long AWS has not let itself be looked at; 0 when it does.',
    labels: { target: 'target', kind: 'kind' },
    ...store,
  },
  neptune_ops_schedule_resources: {
    type: 'gauge',
    help: 'Resources under schedules, by what they are and what they should be; worked out anew each minute.',
    labels: { target: 'target', kind: 'kind', condition: 'condition', should: 'should' },
    ...store,
  },
  neptune_ops_schedule_stops_postponed: {
    type: 'gauge',
    help: 'Resources whose stop waits because they are in use, or because that can’t be read; worked out anew each minute.',
    labels: { target: 'target', kind: 'kind' },
    ...store,
  },
  neptune_ops_schedule_setbacks: {
    type: 'gauge',
    help: 'Resources that a schedule could not bring where they should be, and tries again later; worked out anew each minute.',
    labels: { target: 'target', kind: 'kind' },
    ...store,
  },
  neptune_ops_schedule_setbacks_total: {
    type: 'counter',
    help: 'How often starting or stopping a resource by a schedule went wrong.',
    labels: { target: 'target', kind: 'kind', goal: 'goal' },
    ...process,
  },
  neptune_ops_schedule_ledger_seconds_total: {
    type: 'counter',
    help: 'Time of resources in the ledger, by state; stopped is what was slept. Added when a stretch ends, at midnight UTC at the latest.',
    labels: { target: 'target', kind: 'kind', state: 'ledgerState' },
    ...process,
  },

  neptune_ops_hold: {
    type: 'gauge',
    help: '1 while a hold is on, for a target or for all.',
    labels: { target: 'held' },
    ...store,
  },
  neptune_ops_hold_age_seconds: {
    type: 'gauge',
    help: 'For how long the hold is on; 0 when there is none.',
    labels: { target: 'held' },
    ...store,
  },

  neptune_ops_sweeps_total: {
    type: 'counter',
    help: 'Sweeps for what no queue knows of.',
    labels: {},
    ...process,
  },
  neptune_ops_sweep_finds_total: {
    type: 'counter',
    help: 'What sweeps found: visits and events to be added anew, starving visits brought forward, old records dropped.',
    labels: { kind: 'find' },
    ...process,
  },

  neptune_ops_store_call_duration_seconds: {
    type: 'histogram',
    help: 'A call to the store, by kind of store and method; failed ones are in it.',
    labels: { store: 'store', method: 'storeMethod' },
    buckets: quick,
    ...process,
  },
  neptune_ops_store_errors_total: {
    type: 'counter',
    help: 'Calls to the store that failed.',
    labels: { store: 'store', method: 'storeMethod' },
    ...process,
  },

  neptune_ops_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Requests to the door, by route and status; those that wait for a job to end are as long as they wait.',
    labels: { method: 'method', route: 'route', status: 'status' },
    buckets: quick,
    ...process,
  },
} as const satisfies Record<`neptune_ops_${string}`, Definition>;

export type MetricName = keyof typeof definitions;
