// The wish to cancel: written beside the record, and the job due at once; only a worker ends it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requestCancel } from '../../src/queue/cancel.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import type { Storage } from '../../src/queue/storage.ts';
import { type JobRecord, indexOf, jobIndexes, keyOf, readJob } from '../../src/records/job.ts';
import { testDoor } from '../support/door.ts';
import { type OpenStorage, storageKinds } from '../support/storages.ts';
import { endedJob } from '../support/jobs.ts';

describe.each(storageKinds())('a wish to cancel on $name', ({ open }) => {
  let opened: OpenStorage;
  let storage: Storage;
  let clusters = 0;
  let job: JobRecord;

  beforeAll(async () => {
    opened = await open();
    storage = opened.storage;
  });
  afterAll(() => opened?.close());
  beforeEach(async () => {
    clusters += 1;
    job = await accept('stop-db-cluster');
  });

  async function accept(operation: string): Promise<JobRecord> {
    const input = { dbClusterIdentifier: `dev-${clusters}` };
    return (await enqueue(storage, testDoor, { operation, input, onBusy: 'wait' })).job;
  }
  const flagOf = async ({ id }: JobRecord) => (await storage.store.read([keyOf.cancel(id)])).records[0]?.value;
  const queue = () => storage.queue('default.neptune');

  it('is kept beside the record, which it leaves alone', async () => {
    expect((await requestCancel(storage, job.id)).id).toBe(job.id);
    expect(await flagOf(job)).toMatchObject({ job: job.id });
    expect((await readJob(storage.store, job.id)).job?.value).toEqual(job);
    const flags = await storage.store.page(indexOf.cancels, { order: 'newest', limit: 1 });
    expect(flags.records[0]?.key).toBe(keyOf.cancel(job.id));
  });

  it('is harmless to repeat, many times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => requestCancel(storage, job.id)));
    expect(answers.every(({ id }) => id === job.id)).toBe(true);
    expect(await flagOf(job)).toMatchObject({ job: job.id });
  });

  it('makes a job due that waits for its next poll', async () => {
    await queue().remove(job.id);
    await queue().add(job.operation, {}, { jobId: job.id, delay: 3_600_000 });
    expect(await queue().getJobState(job.id)).toBe('delayed');
    await requestCancel(storage, job.id);
    expect(await queue().getJobState(job.id)).toBe('waiting');
  });

  it('brings a job that stands in line for its turn into its queue', async () => {
    const waiting = await accept('start-db-cluster');
    expect(waiting.phase).toBe('line');
    await requestCancel(storage, waiting.id);
    expect(await storage.whereabouts('default.neptune', [waiting.id])).toEqual(['there']);
  });

  it('adds a job again that its queue has lost, or ended', async () => {
    await queue().remove(job.id);
    await requestCancel(storage, job.id);
    expect(await storage.whereabouts('default.neptune', [job.id])).toEqual(['there']);
  });

  it('of no job is refused', async () => {
    await expect(requestCancel(storage, 'nobody')).rejects.toMatchObject({ code: 'job-not-found', status: 404 });
    expect((await storage.store.read([keyOf.cancel('nobody')])).records[0]).toBeUndefined();
  });

  it.each(['succeeded', 'failed', 'cancelled', 'timed-out'] as const)(
    'of a job that has ended as %s is refused',
    async (state) => {
      const { job: stored } = await readJob(storage.store, job.id);
      if (stored === undefined) throw new Error('the job is gone');
      const ended = endedJob({ ...job, state, phase: 'over', outcome: { state, changed: false }, finishedAt: 1 });
      await storage.store.commit([{ op: 'replace', was: stored, value: ended, indexes: jobIndexes(ended) }]);
      await expect(requestCancel(storage, job.id)).rejects.toMatchObject({ code: 'already-ended', status: 409 });
      expect(await flagOf(job)).toBeUndefined();
    },
  );
});
