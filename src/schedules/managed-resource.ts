// What is remembered of one resource under schedules: as it was last seen, since when, what is being done about it and
// why. Written on change only, so that looking each minute costs no writes.
import type { Condition, Shape, ObservedResource } from '../aws/inventory.ts';
import type { Indexes, Stored } from '../records/store.ts';
import type { ResourceKind } from './schedule.ts';

/** A job of the schedule's own: what it should lead to. All times are the store's, in milliseconds. */
export interface Task {
  readonly goal: 'running' | 'stopped' | 'snapshot';
  /** Empty while it is about to be asked for, or where the answer was lost. */
  readonly job: string;
  readonly at: number;
  /** Somebody else had asked for it already: theirs to take back. */
  readonly isJoined?: true;
  /** Nobody wants it any more: its job is being cancelled. */
  readonly isTakenBack?: true;
}

/** A start or a stop that ended as it should, then. */
export interface Done extends Task {
  /** A list has shown its effect. */
  readonly isShown?: boolean;
  /** Somebody or something has changed it since. */
  readonly isUndone?: boolean;
}

/** The lists contradict what was just done, since then; they may be old. */
export interface StaleRead {
  readonly since: number;
  /** What was announced of the resource as it was done. */
  readonly restartsAt?: number;
}

/** What a person did by hand under `respect-manual`; the schedule leaves it until then. */
export interface ManualChange {
  readonly did: 'started' | 'stopped';
  readonly seenAt: number;
  readonly until: number;
}

/** A stop that waits because the resource is in use, or because that can't be read. */
export interface Postponed {
  readonly since: number;
  /** When to look again. */
  readonly nextLook: number;
  /** Seen in use; else it could not be read. */
  readonly isBusy: boolean;
  /** Left running until then: the time to wait is up. */
  readonly leftUntil?: number;
  readonly why: string;
}

/** What went wrong last, and when it is tried again. */
export interface Backoff {
  /** What it was that went wrong; it says nothing about the other. */
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
  /** The schedule that decides; absent while none does, or where equal ones contradict each other. */
  readonly schedule?: string;
  /** Where the present span of the ledger began. */
  readonly since: number;
  readonly firstSeen: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly tagsReadAt?: number;
  readonly task?: Task;
  /** The last task that ended as it should, to tell its effect from a person's. */
  readonly done?: Done;
  readonly doubt?: StaleRead;
  readonly byHand?: ManualChange;
  readonly postponed?: Postponed;
  /** What else is in the way of what should be, in words. */
  readonly waits?: string;
  /** Since when something has been in the way without a break, other than a hold; and whether people were told. */
  readonly waiting?: { readonly since: number; readonly isTold?: true };
  readonly setback?: Backoff;
  /** A snapshot was taken for the stop that became due then, or that follows the stop then. */
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
