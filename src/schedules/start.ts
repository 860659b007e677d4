// Puts the schedules together: the file that is watched, AWS as it is looked at, and the ticks.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Aws } from '../aws/clients.ts';
import { lookAtDbClusters, lookAtGraphs, readTags } from '../aws/inventory.ts';
import { readActivity } from '../aws/activity.ts';
import type { Config } from '../config.ts';
import { requestCancel } from '../queue/cancel.ts';
import { enqueue } from '../queue/enqueue.ts';
import type { Storage } from '../queue/storage.ts';
import { startTicks, stopTicks } from './tick.ts';
import type { WatchedPlan } from './file/watched-plan.ts';
import type { Inventory, ScheduleDependencies } from './dependencies.ts';

export function inventoryOf(aws: Aws): Inventory {
  return {
    look: (kind) => (kind === 'graph' ? lookAtGraphs(aws) : lookAtDbClusters(aws)),
    tags: (observed) => readTags(aws, observed),
    activity: (observed) => readActivity(aws, observed),
  };
}

function schedulesWorld(
  config: Config,
  storage: Storage,
  clients: ReadonlyMap<string, Aws>,
  plan: WatchedPlan,
  log: Logger,
): ScheduleDependencies {
  const estates = new Map([...clients].map(([target, aws]) => [target, inventoryOf(aws)]));
  return {
    store: storage.store,
    plan: () => plan.current().plan,
    targets: config.targets,
    inventoryOf: (target) => estates.get(target),
    enqueue: (request) => enqueue(storage, config, request),
    cancel: (job) => requestCancel(storage, job),
    log,
    tickMs: config.NEPTUNE_OPS_SCHEDULES_TICK_MS,
    tagsMs: config.NEPTUNE_OPS_SCHEDULES_TAGS_MS,
    shortestSleepMs: config.NEPTUNE_OPS_SCHEDULES_SHORTEST_SLEEP_MS,
  };
}

/** Runs ticks while a schedules file is set. Without one, removes the ticks of an earlier run. */
export async function startSchedules(
  config: Config,
  storage: Storage,
  clients: ReadonlyMap<string, Aws>,
  plan: WatchedPlan | undefined,
  log: Logger,
): Promise<() => Promise<void>> {
  if (plan === undefined) {
    await stopTicks(storage);
    return () => Promise.resolve();
  }
  const ticks = startTicks(storage, schedulesWorld(config, storage, clients, plan, log));
  // With the store gone, closing a worker may never finish. Another process repeats a tick that was cut short.
  return () => Promise.race([ticks.stop(), pause(config.NEPTUNE_OPS_DRAIN_MS, undefined, { ref: false })]);
}
