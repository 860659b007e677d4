// What waits without an end, told to somebody: whatever is in the way of a schedule passes within an hour or two, or a person has to look.
// Pure.
import type { ManagedResource } from '../managed-resource.ts';
import { onHold } from './plan-action.ts';

/** From then on a wait is too long; what AWS does by itself takes minutes, a job that is in the way two hours. Milliseconds. */
const longestWait = 2 * 3_600_000;

/** How long it has waited without a break. A hold has an alert of its own, and everything waits for it. */
export function withWaiting(managed: ManagedResource, now: number): ManagedResource {
  const { waiting, ...rest } = managed;
  if (managed.waits === undefined || managed.waits === onHold) return rest;
  return { ...rest, waiting: waiting ?? { since: now } };
}

export function isStuck({ waiting }: Pick<ManagedResource, 'waiting'>, now: number): boolean {
  return waiting !== undefined && now - waiting.since >= longestWait;
}
