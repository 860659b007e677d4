// Computes when a job is visited next: the interval of polls and the back-off after faults. Pure; all times in
// milliseconds.
import type { Observation, Timing } from '../operation.ts';

/** Bounds from the settings that override the declared cadences. */
export interface Bounds {
  readonly pollMin?: number | undefined;
  readonly pollMax?: number | undefined;
  readonly settleMax?: number | undefined;
}

export type Random = () => number;

const growth = 1.5;
const backoffBase = 500;
const backoffCap = 60_000;
const credentialsBase = 10_000;

/** Time to the first poll after AWS accepted a change. */
export function firstPoll(timing: Timing, bounds: Bounds): number {
  return bounded(timing.firstPoll, bounds);
}

/**
 * Time to the next poll: what the observation suggests, within the declared cadence; otherwise growing from the
 * shortest to the longest interval. Spread by a tenth, so that jobs accepted together drift apart.
 */
export function nextPoll(
  timing: Timing,
  seen: Observation | undefined,
  polls: number,
  bounds: Bounds,
  random: Random,
): number {
  const [shortest, longest] = timing.poll;
  const wished = seen?.nextPoll ?? shortest * growth ** Math.min(polls, 30);
  const spread = 1 - 0.1 * random();
  return bounded(Math.max(shortest, Math.min(longest, wished)) * spread, bounds);
}

/** Time to wait after `faults` faults in a row (1 or more): exponential, with full jitter and a cap. */
export function backoff(faults: number, kind: 'fault' | 'credentials', bounds: Bounds, random: Random): number {
  const base = kind === 'credentials' ? credentialsBase : backoffBase;
  const ceiling = Math.min(backoffCap, base * 2 ** Math.min(faults - 1, 20));
  // Never almost zero, because the fault would not have passed yet.
  const wait = Math.max(ceiling / 10, ceiling * random());
  return Math.round(Math.min(wait, Math.max(bounds.pollMax ?? Infinity, 100)));
}

/** How long a call with a lost answer is observed before it counts as not made. */
export function settleTime(timing: Timing, bounds: Bounds): number {
  return Math.min(timing.settle, bounds.settleMax ?? Infinity);
}

function bounded(wished: number, { pollMin, pollMax }: Bounds): number {
  return Math.round(Math.min(Math.max(wished, pollMin ?? 0), pollMax ?? Infinity));
}
