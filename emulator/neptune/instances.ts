// The instances of a cluster: their status in the management API, and the server process in each.
import type { Clock } from '../clock.ts';
import { clusterLifecycle, type Durations, planStory } from '../lifecycles.ts';
import { type TimelineStep, Timeline } from '../timeline.ts';

/** A server process: down, or up since `startedAt` (milliseconds, in whole seconds as the engine reports it). */
type Process = { up: true; startedAt: number } | { up: false };

export interface Instance {
  identifier: string;
  instanceClass: string;
  promotionTier: number;
  availabilityZone: string;
  /** The status in DescribeDBInstances. It may lag behind the cluster's. */
  status: Timeline<string>;
  process: Timeline<Process>;
  port: number;
}

const AWAY = new Set([
  'stopping',
  'stopped',
  'starting',
  'creating',
  'deleting',
  'deleted',
  'inaccessible-encryption-credentials-recoverable',
]);

/** An instance that has had this status for long. */
export function createInstance(
  clock: Clock,
  given: { identifier: string; instanceClass: string; status: string; number: number },
): Instance {
  const { identifier, instanceClass, number } = given;
  const process: Process = AWAY.has(given.status)
    ? { up: false }
    : { up: true, startedAt: wholeSecond(clock.now()) - 3_600_000 };
  return {
    identifier,
    instanceClass,
    promotionTier: number === 0 ? 0 : 1,
    availabilityZone: 'abc'.charAt(number % 3),
    status: new Timeline(clock, given.status),
    process: new Timeline(clock, process),
    port: 8182,
  };
}

/** Sets an instance's status by its cluster's lifecycle. Its process follows. */
export function runInstance(
  clock: Clock,
  instance: Instance,
  status: string,
  durations: Durations,
  lagMs: number,
): void {
  const steps = planStory(clusterLifecycle, status, durations, lagMs);
  instance.status.run(steps);
  const isAway = AWAY.has(status);
  if (!isAway && instance.process.now.up) return;
  const awayMs = steps
    .filter((step) => AWAY.has(step.to))
    .reduce((sum, step) => sum + (step.forMs ?? Number.POSITIVE_INFINITY), 0);
  leave(instance, clock.now(), awayMs);
}

/**
 * Ends the process after `delayMs` and starts a new one, with another start time, `awayMs` later. A process that is
 * down stays down.
 */
export function restart(clock: Clock, instance: Instance, delayMs: number, awayMs: number): void {
  const from = clock.now() + delayMs;
  if (instance.process.at(from)?.up) leave(instance, from, awayMs);
}

function leave(instance: Instance, from: number, awayMs: number): void {
  const last = lastStart(instance.process, from);
  const steps: TimelineStep<Process>[] = [{ to: { up: false }, forMs: awayMs }];
  if (Number.isFinite(awayMs)) {
    // Start times have whole seconds, and a quick restart must get a new one.
    const startedAt = Math.max(wholeSecond(from + awayMs), last + 1000);
    steps.push({ to: { up: true, startedAt } });
  }
  instance.process.run(steps, from);
}

function lastStart(process: Timeline<Process>, time: number): number {
  for (let moment = process.moment(time); moment !== undefined; moment = process.moment(moment.at - 1)) {
    if (moment.state.up) return moment.state.startedAt;
    if (moment.at === Number.NEGATIVE_INFINITY) break;
  }
  return Number.NEGATIVE_INFINITY;
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
