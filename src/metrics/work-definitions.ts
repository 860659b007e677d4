// Metrics of jobs, visits and sweeps.
import { type Table, calls } from './definition.ts';

const waits = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];
/** A second to a week: resets take seconds, imports days. */
const lives = [1, 5, 15, 60, 180, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400, 604_800];

export const workDefinitions = {
  neptune_ops_jobs_accepted_total: {
    type: 'counter',
    help: 'Jobs created, except those created by connectStore. A request that joined a running job created none.',
    labels: { operation: 'operation' },
    of: 'process',
  },
  neptune_ops_jobs_ended_total: {
    type: 'counter',
    help: 'Jobs that ended, by state.',
    labels: { operation: 'operation', outcome: 'outcome' },
    of: 'process',
  },
  neptune_ops_job_duration_seconds: {
    type: 'histogram',
    help: 'Time from a job’s acceptance to its end.',
    labels: { operation: 'operation' },
    buckets: lives,
    of: 'process',
  },
  neptune_ops_job_visits: {
    type: 'histogram',
    help: 'Visits per ended job that saw its resource. Visits that met a fault are not counted.',
    labels: { operation: 'operation' },
    buckets: [1, 2, 3, 5, 10, 20, 50, 100, 500, 1_000],
    of: 'process',
  },
  neptune_ops_jobs: {
    type: 'gauge',
    help: 'Jobs in the store, by state.',
    labels: { state: 'jobState' },
    of: 'store',
  },
  neptune_ops_jobs_overdue: {
    type: 'gauge',
    help: 'Jobs whose visit is overdue by more than 5 seconds; counted up to 1,000.',
    labels: {},
    of: 'store',
  },
  neptune_ops_jobs_overdue_age_seconds: {
    type: 'gauge',
    help: 'How long the most overdue visit is overdue; 0 when none is.',
    labels: {},
    of: 'store',
  },
  neptune_ops_workers_alive: {
    type: 'gauge',
    help: 'Worker processes that were alive within the last 30 seconds.',
    labels: {},
    of: 'store',
  },
  neptune_ops_visits_total: {
    type: 'counter',
    help: 'Visits of workers, by result: another visit later, the end of the queue’s job, or a failure of the store.',
    labels: { queue: 'queue', result: 'visitResult' },
    of: 'process',
  },
  neptune_ops_visit_duration_seconds: {
    type: 'histogram',
    help: 'Duration of a visit, calls to AWS included.',
    labels: { queue: 'queue' },
    buckets: calls,
    of: 'process',
  },
  neptune_ops_visit_lateness_seconds: {
    type: 'histogram',
    help: 'How long after its due time a visit began, because of the rate limit or because no worker was free.',
    labels: { queue: 'workQueue' },
    buckets: waits,
    of: 'process',
  },
  neptune_ops_visit_rate_limit_wait_seconds: {
    type: 'histogram',
    help: 'For how much of a visit’s lateness a worker of this process was free: it waited because the limit was used up or AWS throttled.',
    labels: { queue: 'workQueue' },
    buckets: waits,
    of: 'process',
  },
  neptune_ops_unknown_statuses_total: {
    type: 'counter',
    help: 'Looks that met a status which this version doesn’t know. The job waits for it to pass.',
    labels: { operation: 'operation' },
    of: 'process',
  },
  neptune_ops_sweeps_total: {
    type: 'counter',
    help: 'Sweeps that this process made.',
    labels: {},
    of: 'process',
  },
  neptune_ops_sweep_finds_total: {
    type: 'counter',
    help: 'What sweeps did: visits and events added again, starving visits brought forward, old records deleted.',
    labels: { kind: 'find' },
    of: 'process',
  },
} as const satisfies Table;
