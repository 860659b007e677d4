// The instances of a cluster: what the management API says of them, and the server process inside each.
import type { Clock } from '../clock.ts';
import { clusterLifecycle, type Durations, planStory } from '../lifecycles.ts';
import { type Step, Timeline } from '../timeline.ts';

/** A server process: away, or up since `startedAt` (milliseconds; a whole second, as the engine reports it). */
export type Process = { up: true; startedAt: number } | { up: false };

export interface Instance {
  identifier: string;
  instanceClass: string;
  promotionTier: number;
  availabilityZone: string;
  /** As DescribeDBInstances says; it may lag behind the cluster's. */
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

/** An instance that has been in this status for long. */
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

/** Puts an instance into a status of its cluster's lifecycle; its process follows. */
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

/** The process ends after `delayMs` and a new one, with another start time, is up `awayMs` later; one that is away stays so. */
export function restart(clock: Clock, instance: Instance, delayMs: number, awayMs: number): void {
  const from = clock.now() + delayMs;
  if (instance.process.at(from)?.up) leave(instance, from, awayMs);
}

function leave(instance: Instance, from: number, awayMs: number): void {
  const last = lastStart(instance.process, from);
  const steps: Step<Process>[] = [{ to: { up: false }, forMs: awayMs }];
  if (Number.isFinite(awayMs)) {
    // Start times have whole seconds: a quick restart must not look like the process before it.
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
