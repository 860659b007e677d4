// Reads the gauges' values from the store at a scrape; every process gives the same. It takes a handful of reads, and
// none grows with the number of jobs. The caller caches the result.
import { holds } from '../queue/hold.ts';
import type { RateRecord } from '../queue/rate.ts';
import type { Storage } from '../queue/storage.ts';
import { type DueJob, type EndedJob, indexOf, jobStates, keyOf } from '../records/job.ts';
import type { Store } from '../records/store.ts';
import { readLookRecords } from '../schedules/resource-cache.ts';
import type { LabelsOf, GaugeName, Metrics } from './registry.ts';

/** One series of a gauge. */
export interface Figure<Name extends GaugeName = GaugeName> {
  readonly name: Name;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Place {
  readonly storage: Storage;
  /** All work queues with their configured visits per second. */
  readonly queues: readonly { readonly name: string; readonly rate: number }[];
  readonly targets: readonly { readonly name: string }[];
}

const overdueAfter = 5_000;
const most = 1_000;

/** Rejects when the store can't be reached. */
export async function readFigures({ storage, queues, targets }: Place): Promise<Figure[]> {
  const { store } = storage;
  const { at, records: rates } = await store.read(queues.map(({ name }) => keyOf.rate(name)));
  const groups = await Promise.all([
    jobFigures(store, at),
    eventFigures(store, at),
    holdFigures(store, at, targets),
    Promise.all(queues.map(({ name }) => waitFigure(storage, name))),
    sightFigures(store, at),
  ]);
  const limits = queues.flatMap(({ name: queue, rate: configured }, index) => {
    const known = rates[index]?.value as RateRecord | undefined;
    const rate = known?.configured === configured ? known.rate : configured;
    return [
      figure('neptune_ops_rate_limit', { queue }, rate),
      figure('neptune_ops_rate_limit_configured', { queue }, configured),
    ];
  });
  return [...groups.flat(), ...limits];
}

async function jobFigures(store: Store, at: number): Promise<Figure[]> {
  const [counts, due, alive] = await Promise.all([
    Promise.all(jobStates.map((state) => store.count(indexOf.state(state)))),
    store.page<DueJob>(indexOf.due, { order: 'oldest', limit: most, until: Math.max(0, at - overdueAfter) }),
    store.page(indexOf.workers, { order: 'newest', limit: most, since: at }),
  ]);
  const oldest = due.records[0]?.value.dueAt ?? at;
  return [
    ...jobStates.map((state, index) => figure('neptune_ops_jobs', { state }, counts[index] ?? 0)),
    figure('neptune_ops_jobs_overdue', {}, due.records.length),
    figure('neptune_ops_jobs_overdue_age_seconds', {}, age(at, oldest)),
    figure('neptune_ops_workers_alive', {}, alive.records.length),
  ];
}

async function eventFigures(store: Store, at: number): Promise<Figure[]> {
  const [count, waiting] = await Promise.all([
    store.count(indexOf.events),
    store.page<EndedJob>(indexOf.events, { order: 'oldest', limit: 1 }),
  ]);
  return [
    figure('neptune_ops_events_waiting', {}, count),
    figure('neptune_ops_events_oldest_age_seconds', {}, age(at, waiting.records[0]?.value.finishedAt ?? at)),
  ];
}

async function holdFigures(store: Store, at: number, targets: Place['targets']): Promise<Figure[]> {
  const since = new Map((await holds(store)).map((hold) => [hold.target, hold.since]));
  return [...targets.map(({ name }) => name), 'all'].flatMap((target) => [
    figure('neptune_ops_hold', { target }, since.has(target) ? 1 : 0),
    figure('neptune_ops_hold_age_seconds', { target }, age(at, since.get(target) ?? at)),
  ]);
}

async function waitFigure(storage: Storage, queue: string): Promise<Figure> {
  // Below 0 when the limit isn't used up.
  const wait = await storage.queue(queue).getRateLimitTtl();
  return figure('neptune_ops_rate_limit_wait_seconds', { queue }, Math.max(0, wait) / 1_000);
}

async function sightFigures(store: Store, at: number): Promise<Figure[]> {
  return (await readLookRecords(store)).flatMap(({ target, kind, at: looked, trouble }) => [
    // Before the first look there is no age to show.
    ...(looked > 0 ? [figure('neptune_ops_schedule_look_age_seconds', { target, kind }, age(at, looked))] : []),
    figure('neptune_ops_schedule_blind_seconds', { target, kind }, age(at, trouble?.since ?? at)),
  ]);
}

/** One series, with its metric's labels. */
export function figure<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): Figure<Name> {
  return { name, labels, value };
}

/** Replaces all series of these gauges. */
export function show(metrics: Metrics, names: readonly GaugeName[], figures: readonly Figure[]): void {
  for (const name of names) metrics.clear(name);
  for (const { name, labels, value } of figures) metrics.set(name, labels as never, value);
}

function age(at: number, since: number): number {
  return Math.max(0, at - since) / 1_000;
}
