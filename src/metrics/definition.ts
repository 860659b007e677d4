// The type of a metric's declaration. Times are in seconds.
import type { LabelValue } from './labels.ts';

export interface Definition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The label's name, and the values it can have. */
  readonly labels: Readonly<Record<string, LabelValue>>;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
  /**
   * `process`: counts this process' work, so sum over processes. `store`: a value from the store at the scrape, equal
   * in every process, so take the maximum.
   */
  readonly of: 'process' | 'store';
}

export type Table = Readonly<Record<`neptune_ops_${string}`, Definition>>;

/** Upper bounds in seconds, for work of this machine and for work of AWS. */
export const quick = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
export const calls = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
