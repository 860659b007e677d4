// What the schedules see and use of everything else. The clock is the store's; tests put others in the places of AWS and
// of the queues.
import type { Logger } from 'pino';
import type { ObservedResource } from '../aws/inventory.ts';
import type { Activity } from '../aws/activity.ts';
import type { Accepted } from '../queue/enqueue.ts';
import type { EnqueueRequest } from '../queue/request.ts';
import type { Store } from '../records/store.ts';
import type { SchedulePlan, ResourceKind } from './schedule.ts';

/** One target's resources. */
export interface Inventory {
  /** All resources of a kind, page by page. Rejects when half of it can't be read. */
  look(kind: ResourceKind): Promise<readonly ObservedResource[]>;
  tags(observed: ObservedResource): Promise<Readonly<Record<string, string>>>;
  activity(observed: ObservedResource): Promise<Activity>;
}

export interface ScheduleDependencies {
  readonly store: Store;
  /** The file in force; undefined while there is none. */
  plan(): SchedulePlan | undefined;
  readonly targets: readonly { readonly name: string }[];
  inventoryOf(target: string): Inventory | undefined;
  /** The only way in. */
  enqueue(request: EnqueueRequest): Promise<Accepted>;
  cancel(job: string): Promise<unknown>;
  readonly log: Logger;
  /** Between two ticks, and how old tags may become; milliseconds. */
  readonly tickMs: number;
  readonly tagsMs: number;
  /** A stop takes minutes: nothing is stopped that should run again sooner than this, in milliseconds. */
  readonly shortestSleepMs: number;
  /** How long it may take to find out whether a resource is in use, in milliseconds. Default 30 s. */
  readonly activityMs?: number;
  /** How long a tick waits for the looks at all kinds and targets, in milliseconds; what is late goes on by itself. Default 30 s. */
  readonly looksMs?: number;
}
