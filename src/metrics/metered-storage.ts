// A storage whose store and workers are measured. BullMQ's control-flow errors pass through.
import { DelayedError, type Processor, UnrecoverableError } from 'bullmq';
import { schedulesQueue } from '../queue/names.ts';
import type { Storage } from '../queue/storage.ts';
import { countCommit } from './commit-metrics.ts';
import { meteredStore } from './metered-store.ts';
import type { FreeWorkers } from './free-workers.ts';
import type { Metrics } from './registry.ts';

export function meteredStorage(storage: Storage, metrics: Metrics, freeWorkers: FreeWorkers): Storage {
  return {
    ...storage,
    store: meteredStore(storage.store, storage.kind, metrics, (changes) => countCommit(metrics, changes)),
    worker(name, processor, settings) {
      freeWorkers.open(name, settings.concurrency ?? 1);
      return storage.worker(name, metered(name, processor, metrics, freeWorkers), settings);
    },
  };
}

function metered(queue: string, processor: Processor, metrics: Metrics, freeWorkers: FreeWorkers): Processor {
  return async (...given) => {
    const began = performance.now();
    freeWorkers.begin(queue);
    let result = 'done';
    try {
      return (await processor(...given)) as unknown;
    } catch (error) {
      // A job that didn't succeed ends with an error in the queue.
      if (error instanceof DelayedError) result = 'again';
      else if (!(error instanceof UnrecoverableError)) result = 'broken-off';
      throw error;
    } finally {
      freeWorkers.end(queue);
      const seconds = (performance.now() - began) / 1_000;
      if (queue === schedulesQueue) {
        metrics.add('neptune_ops_schedule_ticks_total', { result });
        metrics.observe('neptune_ops_schedule_tick_duration_seconds', {}, seconds);
      } else {
        metrics.add('neptune_ops_visits_total', { queue, result });
        metrics.observe('neptune_ops_visit_duration_seconds', { queue }, seconds);
      }
    }
  };
}
