// When a job is looked at again: the pace of polls, and the backoff of faults. Pure arithmetic, in milliseconds.
import type { Observation, Timing } from '../operation.ts';

/** Bounds that override the declared cadences, from the settings. */
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

/** The first look after a change that AWS accepted. */
export function firstPoll(timing: Timing, bounds: Bounds): number {
  return bounded(timing.firstPoll, bounds);
}

/**
 * From this look to the next: what the work itself says, within the declared cadence, else growing from its shortest to
 * its longest. Spread by a tenth, so that jobs accepted together don't stay together.
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

/** After `faults` faults in a row (1 or more): exponential with full jitter and a cap. */
export function backoff(faults: number, kind: 'fault' | 'credentials', bounds: Bounds, random: Random): number {
  const base = kind === 'credentials' ? credentialsBase : backoffBase;
  const ceiling = Math.min(backoffCap, base * 2 ** Math.min(faults - 1, 20));
  // Never quite zero: the fault would be met again before it could pass.
  const wait = Math.max(ceiling / 10, ceiling * random());
  return Math.round(Math.min(wait, Math.max(bounds.pollMax ?? Infinity, 100)));
}

/** How long a lost answer is looked for before the change counts as not made. */
export function settleTime(timing: Timing, bounds: Bounds): number {
  return Math.min(timing.settle, bounds.settleMax ?? Infinity);
}

function bounded(wished: number, { pollMin, pollMax }: Bounds): number {
  return Math.round(Math.min(Math.max(wished, pollMin ?? 0), pollMax ?? Infinity));
}
