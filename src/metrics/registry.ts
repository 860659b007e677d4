// The metrics of one service in one process, over prom-client, which nothing else imports. Every label passes here and is
// held to its words; a metric must never throw into what it measures.
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

/** Milliseconds; the lag is never shown shorter. Each look wakes the process: every 10 ms, it would cost 1 % of a core. */
const lagPrecision = 50;

/** Gauges that are called totals: Prometheus' own check refuses them, and what they count is there by type too. */
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

  /** CPU, memory, the event loop's lag, garbage collection: under prom-client's own names. Runs as long as the process. */
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

  /** Of a gauge: one more in this series. */
  raise<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>): void {
    (this.#metrics.get(name) as Gauge).inc(this.#fit(name, labels));
  }

  /** `value` in the metric's unit: seconds for everything that lasts. */
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    (this.#metrics.get(name) as Histogram).observe(this.#fit(name, labels), value);
  }

  /** All series of a gauge are gone until they are set again. */
  clear(name: GaugeName): void {
    this.#metrics.get(name)?.reset();
  }

  /** Every series that a counter can have, from 0: else its first step would not be seen as one. Its words must be lists. */
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

  /** In Prometheus' text format. */
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
