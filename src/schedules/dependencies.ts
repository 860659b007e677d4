// The interfaces through which schedules use AWS, the store and the queues. The clock is the store's. Tests replace AWS
// and the queues.
import type { Logger } from 'pino';
import type { ObservedResource } from '../aws/inventory.ts';
import type { Activity } from '../aws/activity.ts';
import type { Accepted } from '../queue/enqueue.ts';
import type { EnqueueRequest } from '../queue/request.ts';
import type { Store } from '../records/store.ts';
import type { SchedulePlan, ResourceKind } from './schedule.ts';

/** Reads one target's resources. */
export interface Inventory {
  /** All resources of a kind, read page by page. Rejects when the list can't be read to its end. */
  look(kind: ResourceKind): Promise<readonly ObservedResource[]>;
  tags(observed: ObservedResource): Promise<Readonly<Record<string, string>>>;
  activity(observed: ObservedResource): Promise<Activity>;
}

export interface ScheduleDependencies {
  readonly store: Store;
  /** The plan in force; `undefined` when there is none. */
  plan(): SchedulePlan | undefined;
  readonly targets: readonly { readonly name: string }[];
  inventoryOf(target: string): Inventory | undefined;
  /** The only way to create a job. */
  enqueue(request: EnqueueRequest): Promise<Accepted>;
  cancel(job: string): Promise<unknown>;
  readonly log: Logger;
  /** Time between two ticks, which is also how old tags may become; milliseconds. */
  readonly tickMs: number;
  readonly tagsMs: number;
  /** A stop takes minutes, so a resource that should run again sooner than this isn't stopped; milliseconds. */
  readonly shortestSleepMs: number;
  /** Time limit for finding out whether a resource is in use; milliseconds. Default 30 s. */
  readonly activityMs?: number;
  /** How long a tick waits for the looks at all kinds and targets, in milliseconds; what is late goes on by itself. Default 30 s. */
  readonly looksMs?: number;
}
