// Puts the metrics of one service together: wraps what has to be measured, and answers a scrape. A scrape never fails
// because of the store.
import type { CallSeen } from '../aws/clients.ts';
import type { Config } from '../config.ts';
import { operationNames, operationOf } from '../handlers/index.ts';
import type { EventSender } from '../queue/event-sender.ts';
import { queueOf, workQueues } from '../queue/names.ts';
import { ratesOf } from '../queue/rate.ts';
import type { Storage } from '../queue/storage.ts';
import type { JobRecord } from '../records/job.ts';
import type { WatchedPlan } from '../schedules/file/watched-plan.ts';
import { definitions } from './definitions.ts';
import { readFigures, show } from './figures.ts';
import { cachedReading } from './cached-reading.ts';
import { FreeWorkers } from './free-workers.ts';
import { meteredStorage } from './metered-storage.ts';
import { version } from '../version.ts';
import { type GaugeName, Metrics } from './registry.ts';
import { readResources } from './resource-counts.ts';

/** Answers a scrape. */
export interface Scraped {
  readonly contentType: string;
  scrape(): Promise<string>;
  request(method: string, route: string, status: number, milliseconds: number): void;
}

interface ServiceMetrics extends Scraped {
  /** The measured storage. */
  readonly storage: Storage;
  readonly onCall: (target: string, call: CallSeen) => void;
  readonly onVisit: (job: JobRecord, now: number) => void;
  readonly onUnknownStatus: (job: JobRecord) => void;
  readonly onSwept: (found: SweepFound) => void;
  meteredSender(sender: EventSender): EventSender;
}

interface SweepFound {
  readonly added: number;
  readonly broughtForward: number;
  readonly announced: number;
  readonly dropped: number;
}

/**
 * How long values from the store are cached, and how long a scrape waits for them; milliseconds. Prometheus waits ten
 * seconds.
 */
const keep = { figures: 5_000, resources: 60_000 };
const patience = 3_000;

const ofResources: readonly GaugeName[] = [
  'neptune_ops_schedule_resources',
  'neptune_ops_schedule_stops_postponed',
  'neptune_ops_schedule_setbacks',
  'neptune_ops_schedule_stuck',
];
const ofStore = (Object.keys(definitions) as GaugeName[]).filter(
  (name) => definitions[name].of === 'store' && !ofResources.includes(name),
);

export function serviceMetrics(
  config: Config,
  role: 'all' | 'api' | 'worker',
  storage: Storage,
  schedules?: WatchedPlan,
): ServiceMetrics {
  const rates = ratesOf(config);
  const queues = workQueues(config.targets).map(({ name, api }) => ({ name, rate: rates[api] }));
  const metrics = new Metrics({
    operations: operationNames,
    targets: config.targets.map(({ name }) => name),
    queues: queues.map(({ name }) => name),
    store: storage.kind,
  });
  metrics.watchProcess();
  metrics.set('neptune_ops_build_info', { version, store: storage.kind, role }, 1);
  metrics.zero('neptune_ops_jobs_accepted_total', 'neptune_ops_jobs_ended_total', 'neptune_ops_store_errors_total');
  if (role !== 'api') {
    metrics.zero(
      'neptune_ops_event_deliveries_total',
      'neptune_ops_sweep_finds_total',
      'neptune_ops_unknown_statuses_total',
    );
    metrics.zero('neptune_ops_rate_slowdowns_total', 'neptune_ops_sweeps_total', 'neptune_ops_schedule_ticks_total');
    if (schedules) metrics.zero('neptune_ops_schedule_setbacks_total', 'neptune_ops_schedule_ledger_seconds_total');
  }
  // The unmeasured storage: scrapes aren't the service's work.
  const place = { storage, queues, targets: config.targets };
  const freeWorkers = new FreeWorkers();
  const figures = cachedReading(() => readFigures(place), keep.figures, patience);
  const written = cachedReading(() => storage.probe().then(() => true), keep.figures, patience);
  const resources = cachedReading(
    async () => {
      const plan = schedules?.current().plan;
      return plan === undefined ? [] : readResources(storage.store, plan);
    },
    Math.min(keep.resources, config.NEPTUNE_OPS_SCHEDULES_TICK_MS),
    patience,
  );
  return {
    contentType: metrics.contentType,
    storage: meteredStorage(storage, metrics, freeWorkers),
    async scrape() {
      const [ofNow, ofSchedules, isWritable] = await Promise.all([figures(), resources(), written()]);
      metrics.set('neptune_ops_store_up', {}, ofNow === undefined ? 0 : 1);
      metrics.set('neptune_ops_store_writable', {}, isWritable ? 1 : 0);
      show(metrics, ofStore, ofNow ?? []);
      show(metrics, ofResources, ofSchedules ?? []);
      if (schedules) metrics.set('neptune_ops_schedule_file_ok', {}, schedules.current().broken ? 0 : 1);
      return metrics.text();
    },
    request(method, route, status, milliseconds) {
      const labels = { method, route, status: String(status) };
      metrics.observe('neptune_ops_http_request_duration_seconds', labels, milliseconds / 1_000);
    },
    onCall(target, { api, action, result, milliseconds }) {
      metrics.add('neptune_ops_aws_calls_total', { target, api, action, result });
      metrics.observe('neptune_ops_aws_call_duration_seconds', { api, action }, milliseconds / 1_000);
    },
    onVisit(job, now) {
      const { operation, target } = job;
      const api = operationOf(operation)?.api;
      if (job.phase === 'over' || api === undefined) return;
      const queue = queueOf(target, api);
      const late = Math.max(0, now - job.dueAt);
      const waited = freeWorkers.ofLast(queue, late);
      metrics.observe('neptune_ops_visit_lateness_seconds', { queue }, late / 1_000);
      metrics.observe('neptune_ops_visit_rate_limit_wait_seconds', { queue }, waited / 1_000);
    },
    onUnknownStatus: ({ operation }) => metrics.add('neptune_ops_unknown_statuses_total', { operation }),
    onSwept({ added, broughtForward, announced, dropped }) {
      metrics.add('neptune_ops_sweeps_total', {});
      const found = { added, 'brought-forward': broughtForward, announced, dropped };
      for (const [kind, count] of Object.entries(found)) metrics.add('neptune_ops_sweep_finds_total', { kind }, count);
    },
    meteredSender: (sender) => ({
      async send(message) {
        const began = performance.now();
        const sent = await sender.send(message);
        metrics.add('neptune_ops_event_deliveries_total', { result: sent.is });
        metrics.observe('neptune_ops_event_delivery_duration_seconds', {}, (performance.now() - began) / 1_000);
        return sent;
      },
      close: () => sender.close(),
    }),
  };
}
