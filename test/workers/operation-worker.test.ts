// What a visit's end is to the queue, through BullMQ's own workers.
import type { Job, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { operationOf } from '../../src/handlers/index.ts';
import { createTurnableClock } from '../../emulator/clock.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import { wake } from '../../src/queue/wake.ts';
import type { JobRecord } from '../../src/records/job.ts';
import type { Dependencies } from '../../src/workers/visit-context.ts';
import { startOperationWorker } from '../../src/workers/operation-worker.ts';
import { testDoor } from '../support/door.ts';
import { type OpenStorage, silent, storageKinds } from '../support/storages.ts';

const name = 'default.neptune';

describe.each(storageKinds())('a job in line on $name', (kind) => {
  let open: OpenStorage;
  let worker: Worker | undefined;
  let clusters = 0;
  // Stands still: a machine that stalls comes to no deadline.
  const clock = createTurnableClock();
  beforeAll(async () => void (open = await kind.open(clock.now)));
  afterEach(async () => void (await worker?.close()));
  afterAll(() => open.close());

  /** Behind another one that changes the same cluster, and so near its deadline that it is in its queue. */
  async function inLine(): Promise<{ job: JobRecord; queued: () => Promise<Job> }> {
    const input = { dbClusterIdentifier: `dev-${(clusters += 1)}` };
    const holder = await enqueue(open.storage, testDoor, { operation: 'stop-db-cluster', input });
    // Its end would hand the turn over.
    await open.storage.queue(name).remove(holder.job.id);
    const deadline = new Date(clock.now() + 9_000).toISOString();
    const wish = { operation: 'start-db-cluster', input, onBusy: 'wait', deadline } as const;
    const { job } = await enqueue(open.storage, testDoor, wish);
    return { job, queued: async () => (await open.storage.queue(name).getJob(job.id)) as Job };
  }

  it('goes back to wait for its deadline when it is visited a moment too early', async () => {
    const { job, queued } = await inLine();
    await open.storage.queue(name).pause();
    await (await queued()).promote();
    const deps = {
      store: open.storage.store,
      operationOf,
      awsOf: () => ({}),
      policyOf: () => ({ target: 'default', resettable: new Set() }),
      bounds: {},
      events: false,
      log: silent,
      random: Math.random,
    } as unknown as Dependencies;
    const visited: string[] = [];
    const settings = { storage: open.storage, deps: { ...deps, onVisit: ({ id }: JobRecord) => visited.push(id) } };
    worker = startOperationWorker({ ...settings, name, rate: 100, concurrency: 1 } as never);
    await open.storage.queue(name).resume();
    await expect.poll(() => visited).toContain(job.id);
    await expect.poll(async () => (await queued()).getState()).toBe('delayed');
  });

  it('is due at once when it is woken, also if it was added for its deadline at the same moment', async () => {
    const { job, queued } = await inLine();
    const late = { ...open.storage, whereabouts: () => Promise.resolve(['absent' as const]) };
    await wake(late, job, { api: 'neptune' });
    expect(await (await queued()).isDelayed()).toBe(false);
  });
});
