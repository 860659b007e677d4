// Tables of the states that follow each other by themselves, and after how long.
import type { TimelineStep } from './timeline.ts';

const DAY = 24 * 60 * 60 * 1000;

/** Durations in the simulated account, in milliseconds. The defaults fit a demo, not AWS. */
export interface Durations {
  stopMs: number;
  startMs: number;
  /** A stopped cluster starts by itself after this time. */
  stoppedMs: number;
  /** How much later than its cluster an instance changes its status. */
  instanceLagMs: number;
  failoverMs: number;
  deleteMs: number;
  /** For snapshots of graphs and of clusters. */
  snapshotMs: number;
  graphStopMs: number;
  graphStartMs: number;
  graphResetMs: number;
  cancelImportMs: number;
  /** How long a failed import has no `statusReason` yet. */
  importReasonMs: number;
  /** From the accepted reset to the first restart. A poll in between sees the old, healthy process. */
  resetDelayMs: number;
  /** How long a restart takes. */
  resetRestartMs: number;
  /** Each further instance restarts this much later than the one before. */
  resetStaggerMs: number;
  /** How long a reset token is valid. */
  resetTokenMs: number;
}

export const defaultDurations: Durations = {
  stopMs: 4000,
  startMs: 3000,
  stoppedMs: 7 * DAY,
  instanceLagMs: 0,
  failoverMs: 2000,
  deleteMs: 2000,
  snapshotMs: 3000,
  graphStopMs: 4000,
  graphStartMs: 3000,
  graphResetMs: 3000,
  cancelImportMs: 1500,
  importReasonMs: 400,
  resetDelayMs: 300,
  resetRestartMs: 2000,
  resetStaggerMs: 100,
  resetTokenMs: 60 * 60 * 1000,
};

/** For a state that ends by itself: the next state, and the duration until it comes. */
type Lifecycle = Readonly<Record<string, readonly [next: string, after: keyof Durations]>>;

export const clusterLifecycle: Lifecycle = {
  stopping: ['stopped', 'stopMs'],
  stopped: ['starting', 'stoppedMs'],
  starting: ['available', 'startMs'],
  'failing-over': ['available', 'failoverMs'],
  deleting: ['deleted', 'deleteMs'],
};

export const clusterSnapshotLifecycle: Lifecycle = {
  creating: ['available', 'snapshotMs'],
  deleting: ['deleted', 'deleteMs'],
};

export const graphLifecycle: Lifecycle = {
  STOPPING: ['STOPPED', 'graphStopMs'],
  STARTING: ['AVAILABLE', 'graphStartMs'],
  SNAPSHOTTING: ['AVAILABLE', 'snapshotMs'],
  RESETTING: ['AVAILABLE', 'graphResetMs'],
  DELETING: ['DELETED', 'deleteMs'],
};

export const graphSnapshotLifecycle: Lifecycle = {
  CREATING: ['AVAILABLE', 'snapshotMs'],
  DELETING: ['DELETED', 'deleteMs'],
};

/** The steps from `from` on, `from` first. The first one lasts `lagMs` longer. */
export function planStory(lifecycle: Lifecycle, from: string, durations: Durations, lagMs = 0): TimelineStep<string>[] {
  const steps: TimelineStep<string>[] = [];
  let state = from;
  for (let next = lifecycle[state]; next !== undefined; next = lifecycle[state]) {
    steps.push({ to: state, forMs: durations[next[1]] + (steps.length === 0 ? lagMs : 0) });
    state = next[0];
  }
  return [...steps, { to: state }];
}
