// A storage whose queues only record what is added, for tests that read the store alone and make each visit themselves.
import type { Queue } from 'bullmq';
import type { Storage } from '../../src/queue/storage.ts';
import type { Store } from '../../src/records/store.ts';

export interface IdleStorageHooks {
  /** Called with what was added to a queue. */
  readonly added?: (queue: string, id: string) => Promise<void>;
  /** Called with errors of the store. */
  readonly met?: (error: Error) => void;
}

export function idleStorage(store: Store, { added, met }: IdleStorageHooks = {}): Storage {
  const queue = (name: string) =>
    ({
      name,
      getJob: () => Promise.resolve(undefined),
      add: (_name: string, _data: unknown, { jobId }: { jobId: string }) => added?.(name, jobId) ?? Promise.resolve(),
    }) as unknown as Queue;
  return {
    kind: 'embedded',
    store,
    queue,
    whereabouts: (_queue, ids) => Promise.resolve(ids.map(() => 'absent' as const)),
    worker: () => {
      throw new Error('only the test makes visits');
    },
    outage: { met: (error) => met?.(error), isOn: () => false, close: () => undefined },
    probe: () => Promise.resolve(),
    warnings: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}
