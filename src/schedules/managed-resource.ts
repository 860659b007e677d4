// The record of one resource under schedules: its last seen state, since when, and what the schedule is doing about it.
// It is saved only when it changed, so a look each minute costs no writes.
import type { Condition, Shape, ObservedResource } from '../aws/inventory.ts';
import type { Indexes, Stored } from '../records/store.ts';
import type { ResourceKind } from './schedule.ts';

/** A job that the schedule asked for. All times are the store's, in milliseconds. */
export interface Task {
  readonly goal: 'running' | 'stopped' | 'snapshot';
  /** Empty until the job's id is known: while it is being asked for, or after the answer was lost. */
  readonly job: string;
  readonly at: number;
  /** Somebody else had asked for this job before, so the schedule doesn't cancel it. */
  readonly isJoined?: true;
  /** The schedule no longer wants the job and is cancelling it. */
  readonly isTakenBack?: true;
}

/** The last start or stop that succeeded. */
export interface Done extends Task {
  /** A list has shown its effect since. */
  readonly isShown?: boolean;
  /** The resource has been changed since. */
  readonly isUndone?: boolean;
}

/** Since `since`, lists contradict the job that just succeeded. They may be older than the job. */
interface StaleRead {
  readonly since: number;
  /** When AWS was to restart the resource, as known before the job. */
  readonly restartsAt?: number;
}

/** A person started or stopped the resource under `respect-manual`. The schedule leaves it alone until `until`. */
export interface ManualChange {
  readonly did: 'started' | 'stopped';
  readonly seenAt: number;
  readonly until: number;
}

/** A stop that was postponed because the resource is in use, or because its use can't be read. */
export interface Postponed {
  readonly since: number;
  /** When to look again; milliseconds. */
  readonly nextLook: number;
  /** Whether the resource was in use; `false` when its use couldn't be read. */
  readonly isBusy: boolean;
  /** The time to wait is up, and the resource is left running until then. */
  readonly leftUntil?: number;
  readonly why: string;
}

/** The last failure, and when to try again. */
export interface Backoff {
  /** The goal that failed. The other goal isn't delayed. */
  readonly goal: 'running' | 'stopped';
  readonly count: number;
  readonly again: number;
  readonly what: string;
}

export interface ManagedResource {
  readonly schema: 1;
  /** With its target: `default/db-cluster/dev-1`. */
  readonly resource: string;
  readonly target: string;
  readonly kind: ResourceKind;
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly madeAs?: string;
  readonly status: string;
  readonly condition: Condition | 'gone';
  readonly shape: Shape;
  readonly restartsAt?: number;
  /** The schedule that decides; absent when none does, or when several of equal priority apply. */
  readonly schedule?: string;
  /** When the current ledger span began. */
  readonly since: number;
  readonly firstSeen: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly tagsReadAt?: number;
  readonly task?: Task;
  /** The last task that succeeded, to tell its effect from a manual change. */
  readonly done?: Done;
  readonly doubt?: StaleRead;
  readonly byHand?: ManualChange;
  readonly postponed?: Postponed;
  /** Any other reason, as a sentence, why the resource isn't yet as it should be. */
  readonly waits?: string;
  /** Since when something has been in the way without a break, other than a hold; and whether people were told. */
  readonly waiting?: { readonly since: number; readonly isTold?: true };
  readonly setback?: Backoff;
  /** The stop that a snapshot was taken for: the time of its boundary, or of the stop before it. */
  readonly snapshotFor?: number;
}

export type StoredManagedResource = Stored<ManagedResource>;

export const managedResourcesIndex = 'sleepers';

export function managedResourceKey(resource: string): string {
  return `sleeper/${resource}`;
}

export function managedResourceIndexes({ firstSeen }: ManagedResource): Indexes {
  return { [managedResourcesIndex]: firstSeen };
}

export function qualifiedName(target: string, { kind, id }: Pick<ObservedResource, 'kind' | 'id'>): string {
  return `${target}/${kind}/${id}`;
}
