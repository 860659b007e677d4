// What a metric is declared with. Base units: seconds.
import type { LabelValue } from './labels.ts';

export interface Definition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The label's name, and which words may stand in it. */
  readonly labels: Readonly<Record<string, LabelValue>>;
  /** Of a histogram: upper bounds. */
  readonly buckets?: readonly number[];
  /**
   * `process`: what this process did; processes are added up. `store`: what the store says, at the scrape; every process says
   * the same, so that of several the greatest is taken.
   */
  readonly of: 'process' | 'store';
}

export type Table = Readonly<Record<`neptune_ops_${string}`, Definition>>;

/** Upper bounds in seconds: of what the machine does itself, and of what AWS does. */
export const quick = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
export const calls = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
