// Reports resources that have waited too long for their schedule: an obstacle passes within an hour or two, or a person
// has to look. Pure.
import type { ManagedResource } from '../managed-resource.ts';
import { onHold } from './plan-action.ts';

/**
 * From this time on a wait is too long; milliseconds. What AWS does by itself takes minutes, and another job two hours.
 */
const longestWait = 2 * 3_600_000;

/** Records how long the resource has waited without a break. A hold doesn't count, because it has its own alert. */
export function withWaiting(managed: ManagedResource, now: number): ManagedResource {
  const { waiting, ...rest } = managed;
  if (managed.waits === undefined || managed.waits === onHold) return rest;
  return { ...rest, waiting: waiting ?? { since: now } };
}

export function isStuck({ waiting }: Pick<ManagedResource, 'waiting'>, now: number): boolean {
  return waiting !== undefined && now - waiting.since >= longestWait;
}
