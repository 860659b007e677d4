// The metrics of one service in one process. Only this file imports prom-client. It bounds every label's value. A
// metric never throws into the code that it measures.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { type Definition, type MetricName, definitions } from './definitions.ts';
import { type Known, type LabelValue, bounds, listed } from './labels.ts';

type Named<Type extends Definition['type']> = {
  [Name in MetricName]: (typeof definitions)[Name]['type'] extends Type ? Name : never;
}[MetricName];
type CounterName = Named<'counter'>;
export type GaugeName = Named<'gauge'>;
type HistogramName = Named<'histogram'>;

/** A value for each of the metric's labels. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof (typeof definitions)[Name]['labels']]: string;
};

/**
 * The shortest event-loop lag shown; milliseconds. Each measurement wakes the process: every 10 ms would cost 1 % of a
 * core.
 */
const lagPrecision = 50;

/** Gauges named like totals, which Prometheus' own linter refuses. The same counts exist by type. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export class Metrics {
  readonly contentType: string;
  readonly known: Known;
  readonly #registry = new Registry();
  readonly #metrics = new Map<string, Counter | Gauge | Histogram>();
  readonly #bounded: (word: LabelValue, value: string) => string;

  constructor(known: Known) {
    this.known = known;
    this.#bounded = bounds(known);
    this.contentType = this.#registry.contentType;
    for (const [name, { type, help, labels, buckets = [] }] of Object.entries(definitions) as [string, Definition][]) {
      const settings = { name, help, labelNames: Object.keys(labels), registers: [this.#registry] };
      if (type === 'histogram') this.#metrics.set(name, new Histogram({ ...settings, buckets: [...buckets] }));
      else this.#metrics.set(name, type === 'counter' ? new Counter(settings) : new Gauge(settings));
    }
  }

  /** CPU, memory, event-loop lag and garbage collection, under prom-client's names. Runs until the process ends. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: lagPrecision });
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
  }

  add<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    (this.#metrics.get(name) as Counter).inc(this.#fit(name, labels), by);
  }

  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    (this.#metrics.get(name) as Gauge).set(this.#fit(name, labels), value);
  }

  /** Adds one to a series of a gauge. */
  raise<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>): void {
    (this.#metrics.get(name) as Gauge).inc(this.#fit(name, labels));
  }

  /** `value` is in the metric's unit: durations in seconds. */
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    (this.#metrics.get(name) as Histogram).observe(this.#fit(name, labels), value);
  }

  /** Removes all series of a gauge until they are set again. */
  clear(name: GaugeName): void {
    this.#metrics.get(name)?.reset();
  }

  /**
   * Sets every possible series of a counter to 0, because Prometheus doesn't see an increase from nothing. All its
   * labels need lists.
   */
  zero(...names: readonly CounterName[]): void {
    for (const name of names) {
      const series = Object.entries(definitions[name].labels as Definition['labels']).reduce(
        (all, [label, word]) =>
          all.flatMap((each) => (listed(word, this.known) ?? []).map((value) => ({ ...each, [label]: value }))),
        [{}],
      );
      for (const labels of series) (this.#metrics.get(name) as Counter).inc(labels, 0);
    }
  }

  /** The metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #fit(name: MetricName, given: Readonly<Record<string, string>>): Record<string, string> {
    const fitted: Record<string, string> = {};
    for (const [label, word] of Object.entries(definitions[name].labels as Definition['labels'])) {
      fitted[label] = this.#bounded(word, given[label] ?? '');
    }
    return fitted;
  }
}
