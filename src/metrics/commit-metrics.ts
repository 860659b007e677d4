// Counts events from commits to the store: jobs accepted and ended, rates halved, back-offs, hours asleep. The code
// that runs jobs needs no metrics of its own.
import type { RateRecord } from '../queue/rate.ts';
import { type JobRecord, isEnded } from '../records/job.ts';
import type { Change } from '../records/store.ts';
import type { LedgerSpan } from '../schedules/ledger.ts';
import type { ManagedResource } from '../schedules/managed-resource.ts';
import type { Metrics } from './registry.ts';

/** By kind of record: the part of its key before the first slash. `was` is absent for a new record. */
const counts: Readonly<Record<string, (metrics: Metrics, value: never, was: never | undefined) => void>> = {
  job(metrics, job: JobRecord, was?: JobRecord) {
    const { operation, createdAt, polls } = job;
    if (was === undefined) return metrics.add('neptune_ops_jobs_accepted_total', { operation });
    if (!isEnded(job) || isEnded(was)) return;
    metrics.add('neptune_ops_jobs_ended_total', { operation, outcome: job.outcome.state });
    metrics.observe('neptune_ops_job_duration_seconds', { operation }, seconds(createdAt, job.finishedAt));
    metrics.observe('neptune_ops_job_visits', { operation }, polls);
  },
  sleeper(metrics, { target, kind, setback }: ManagedResource, was?: ManagedResource) {
    const before = was?.setback?.goal === setback?.goal ? (was?.setback?.count ?? 0) : 0;
    // A count of 0 is a person's cancellation.
    if (setback === undefined || setback.count <= before) return;
    metrics.add('neptune_ops_schedule_setbacks_total', { target, kind, goal: setback.goal });
  },
  span(metrics, { target, kind, state, from, to }: LedgerSpan) {
    metrics.add('neptune_ops_schedule_ledger_seconds_total', { target, kind, state }, seconds(from, to));
  },
};

/** Counts what these committed changes mean. */
export function countCommit(metrics: Metrics, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.op !== 'create' && change.op !== 'replace') continue;
    const [key, was] = change.op === 'create' ? [change.key, undefined] : [change.was.key, change.was.value];
    const kind = key.slice(0, key.indexOf('/'));
    if (kind === 'rate') countRate(metrics, key.slice(kind.length + 1), change.value as RateRecord, was as RateRecord);
    else counts[kind]?.(metrics, change.value as never, was as never);
  }
}

function countRate(
  metrics: Metrics,
  queue: string,
  { rate, configured }: RateRecord,
  was: RateRecord | undefined,
): void {
  const before = was?.configured === configured ? was.rate : configured;
  if (rate < before) metrics.add('neptune_ops_rate_slowdowns_total', { queue });
}

function seconds(from: number, to: number): number {
  return Math.max(0, to - from) / 1_000;
}
