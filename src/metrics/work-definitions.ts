// Metrics of jobs, visits and sweeps.
import { type Table, calls } from './definition.ts';

const waits = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];
/** A second to a week: resets take seconds, imports days. */
const lives = [1, 5, 15, 60, 180, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400, 604_800];

export const workDefinitions = {
  neptune_ops_jobs_accepted_total: {
    type: 'counter',
    help: 'Jobs that were made. Requests that joined a running job made none; those written by connectStore are not seen.',
    labels: { operation: 'operation' },
    of: 'process',
  },
  neptune_ops_jobs_ended_total: {
    type: 'counter',
    help: 'Jobs that ended, by how.',
    labels: { operation: 'operation', outcome: 'outcome' },
    of: 'process',
  },
  neptune_ops_job_duration_seconds: {
    type: 'histogram',
    help: 'From accepted to ended.',
    labels: { operation: 'operation' },
    buckets: lives,
    of: 'process',
  },
  neptune_ops_job_visits: {
    type: 'histogram',
    help: 'Visits that it took to end a job and that saw its resource; what met a fault in between is not in it.',
    labels: { operation: 'operation' },
    buckets: [1, 2, 3, 5, 10, 20, 50, 100, 500, 1_000],
    of: 'process',
  },
  neptune_ops_jobs: {
    type: 'gauge',
    help: 'Jobs that are kept, by state.',
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
    help: 'Processes that carry jobs out and gave a sign of life within 30 seconds.',
    labels: {},
    of: 'store',
  },
  neptune_ops_visits_total: {
    type: 'counter',
    help: 'Visits of workers, by what they led to: another one later, the end of the queue’s job, or trouble with the store.',
    labels: { queue: 'queue', result: 'visitResult' },
    of: 'process',
  },
  neptune_ops_visit_duration_seconds: {
    type: 'histogram',
    help: 'From the beginning of a visit to its end, calls to AWS included.',
    labels: { queue: 'queue' },
    buckets: calls,
    of: 'process',
  },
  neptune_ops_visit_lateness_seconds: {
    type: 'histogram',
    help: 'How long after it was due a visit began: what waiting for the rate limit, and for a free worker, costs.',
    labels: { queue: 'workQueue' },
    buckets: waits,
    of: 'process',
  },
  neptune_ops_visit_rate_limit_wait_seconds: {
    type: 'histogram',
    help: 'For how much of a visit’s lateness its queue stood still because the limit was used up or AWS throttled, as it told this process.',
    labels: { queue: 'workQueue' },
    buckets: waits,
    of: 'process',
  },
  neptune_ops_unknown_statuses_total: {
    type: 'counter',
    help: 'Looks at which AWS said a status that this version doesn’t know. It is taken for one that passes.',
    labels: { operation: 'operation' },
    of: 'process',
  },
  neptune_ops_sweeps_total: {
    type: 'counter',
    help: 'Sweeps for what no queue knows of.',
    labels: {},
    of: 'process',
  },
  neptune_ops_sweep_finds_total: {
    type: 'counter',
    help: 'What sweeps found: visits and events to be added anew, starving visits brought forward, old records dropped.',
    labels: { kind: 'find' },
    of: 'process',
  },
} as const satisfies Table;
