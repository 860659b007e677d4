// The only way in: a request becomes one job or none, whoever asks at the same moment.
import type { Job } from 'bullmq';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../src/errors.ts';
import { createTurnableClock } from '../../emulator/clock.ts';
import { requestCancel } from '../../src/queue/cancel.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import type { EnqueueRequest } from '../../src/queue/request.ts';
import type { Storage } from '../../src/queue/storage.ts';
import { type JobRecord, indexOf, keyOf, readJob } from '../../src/records/job.ts';
import type { Store } from '../../src/records/store.ts';
import { testDoor } from '../support/door.ts';
import { type OpenStorage, storageKinds } from '../support/storages.ts';
import type { AnyJob } from '../support/jobs.ts';

describe.each(storageKinds())('a request on $name', ({ open }) => {
  const clock = createTurnableClock(Date.parse('2026-11-20T10:00:00Z'));
  let opened: OpenStorage;
  let storage: Storage;
  /** A cluster of its own for each test. */
  let cluster: string;
  let clusters = 0;

  beforeAll(async () => {
    opened = await open(clock.now);
    storage = opened.storage;
  });
  afterAll(() => opened?.close());
  beforeEach(() => {
    clusters += 1;
    cluster = `dev-${clusters}`;
  });

  const ask = (more: Partial<EnqueueRequest> = {}, through = storage) =>
    enqueue(through, testDoor, { operation: 'stop-db-cluster', input: { dbClusterIdentifier: cluster }, ...more });
  const start = (more: Partial<EnqueueRequest> = {}) => ask({ operation: 'start-db-cluster', ...more });

  async function refusalOf(asking: Promise<unknown>): Promise<ServiceError> {
    const thrown: unknown = await asking.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(ServiceError);
    return thrown as ServiceError;
  }

  async function jobsOf(resource = `default/db-cluster/${cluster}`): Promise<JobRecord[]> {
    const { records } = await storage.store.page<JobRecord>(indexOf.resource(resource), {
      order: 'oldest',
      limit: 1_000,
    });
    return records.map(({ value }) => value);
  }

  /** The same storage, with another store before its queues. */
  const over = (change: Partial<Store>): Storage => ({ ...storage, store: { ...storage.store, ...change } });

  it('is stored and in its queue before it is acknowledged', async () => {
    const { how, job } = await ask();
    expect(how).toBe('created');
    expect((await readJob(storage.store, job.id)).job?.value).toEqual(job);
    expect(job).toMatchObject({
      operation: 'stop-db-cluster',
      target: 'default',
      resource: `default/db-cluster/${cluster}`,
      input: { dbClusterIdentifier: cluster },
      state: 'queued',
      phase: 'look',
      createdAt: clock.now(),
      dueAt: clock.now(),
      deadline: clock.now() + 2 * 3_600_000,
    });
    expect(await storage.whereabouts('default.neptune', [job.id])).toEqual(['there']);
  });

  it('goes to the queue of its target and API', async () => {
    const { job } = await ask({ target: 'prod' });
    expect(job.resource).toBe(`prod/db-cluster/${cluster}`);
    expect(await storage.whereabouts('prod.neptune', [job.id])).toEqual(['there']);
    expect(await storage.whereabouts('default.neptune', [job.id])).toEqual(['absent']);
  });

  it('joins the equal one that is running, however its identifier is spelt', async () => {
    const first = await ask();
    const second = await ask({ input: { dbClusterIdentifier: cluster.toUpperCase() } });
    expect(second).toEqual({ how: 'joined', job: first.job });
    expect(await jobsOf()).toHaveLength(1);
  });

  it('never joins one that is about to be cancelled, and would be cancelled with it', async () => {
    const first = await ask();
    await requestCancel(storage, first.job.id);
    const second = await ask({ onBusy: 'wait' });
    expect(second.how).toBe('created');
    expect(second.job).toMatchObject({ phase: 'line', state: 'waiting' });
  });

  it('to watch joins too, though watching takes no turn', async () => {
    const watch = {
      operation: 'watch-import-task',
      input: { taskIdentifier: `t-${String(clusters).padStart(10, '0')}` },
    };
    const [first, second] = [await ask(watch), await ask(watch)];
    expect([first.how, second.how, second.job.id]).toEqual(['created', 'joined', first.job.id]);
    const cancel = await ask({ ...watch, operation: 'cancel-import-task' });
    expect(cancel.how, 'a watch is in nobody’s way').toBe('created');
  });

  it('that is new costs one commit, and nothing is read before it once the store’s time is known', async () => {
    const asked: string[] = [];
    const told = over({
      read: (keys) => (asked.push('read'), storage.store.read(keys)),
      commit: (changes) => (asked.push('commit'), storage.store.commit(changes)),
    });
    await ask({ idempotencyKey: `k-${cluster}` }, told);
    expect(asked).toEqual(['commit']);
    const unknowing = { ...told, store: { ...told.store, knownTime: () => undefined } };
    await start({ input: { dbClusterIdentifier: `${cluster}-b` } });
    await ask({ input: { dbClusterIdentifier: `${cluster}-c` } }, unknowing);
    expect(asked).toEqual(['commit', 'read', 'commit']);
  });

  it('on another target is another job', async () => {
    const [here, there] = [await ask(), await ask({ target: 'prod' })];
    expect(here.job.id).not.toBe(there.job.id);
  });

  describe('with an idempotency key', () => {
    it('is known when it comes again, also after its job has ended', async () => {
      const first = await ask({ idempotencyKey: `key-${cluster}` });
      const again = await ask({ idempotencyKey: `key-${cluster}` });
      expect(again).toEqual({ how: 'known', job: first.job });
      await end(first.job);
      const later = await ask({ idempotencyKey: `key-${cluster}` });
      expect([later.how, later.job.id, later.job.state]).toEqual(['known', first.job.id, 'succeeded']);
      const without = await ask();
      expect([without.how, without.job.id === first.job.id]).toEqual(['created', false]);
    });

    it('is refused when the key was used for another body, and nothing is stored', async () => {
      await ask({ idempotencyKey: `key-${cluster}` });
      for (const other of [
        start({ idempotencyKey: `key-${cluster}` }),
        ask({ idempotencyKey: `key-${cluster}`, target: 'prod' }),
        ask({ idempotencyKey: `key-${cluster}`, input: { dbClusterIdentifier: `${cluster}-b` } }),
      ])
        expect(await refusalOf(other)).toMatchObject({ code: 'idempotency-key-reused', status: 422 });
      expect(await jobsOf(`default/db-cluster/${cluster}-b`)).toEqual([]);
    });

    it('keeps its key also when it joins a job', async () => {
      const first = await ask();
      expect((await ask({ idempotencyKey: `key-${cluster}` })).how).toBe('joined');
      await end(first.job);
      const later = await ask({ idempotencyKey: `key-${cluster}` });
      expect([later.how, later.job.id]).toEqual(['known', first.job.id]);
    });

    it('of another owner is another key', async () => {
      await ask({ idempotencyKey: `key-${cluster}`, owner: 'a' });
      const other = await ask({ idempotencyKey: `key-${cluster}`, owner: 'b', target: 'prod' });
      expect(other.how).toBe('created');
    });

    it('begins anew under it once its job is no longer kept', async () => {
      const first = await ask({ idempotencyKey: `key-${cluster}` });
      await end(first.job);
      const { job } = await readJob(storage.store, first.job.id);
      if (job) await storage.store.commit([{ op: 'delete', was: job }]);
      const later = await ask({ idempotencyKey: `key-${cluster}` });
      expect([later.how, later.job.id === first.job.id]).toEqual(['created', false]);
      expect((await ask({ idempotencyKey: `key-${cluster}` })).job.id).toBe(later.job.id);
    });

    it.each(['', ' ', 'two words', 'é', 'x'.repeat(256), 'line\nfeed', '\u0000'])(
      'refuses the key %j',
      async (idempotencyKey) => {
        expect(await refusalOf(ask({ idempotencyKey }))).toMatchObject({ code: 'invalid-request' });
        expect(await jobsOf()).toEqual([]);
      },
    );
  });

  describe('for a resource that another job is changing', () => {
    it('is refused, and told who has the turn', async () => {
      const holder = await ask();
      const refusal = await refusalOf(start());
      expect(refusal).toMatchObject({ code: 'resource-busy', status: 409, details: { holder: holder.job.id } });
      expect(refusal.message).toContain('stop-db-cluster');
    });

    it('is not remembered when it is refused', async () => {
      const holder = await ask();
      await refusalOf(start({ idempotencyKey: `key-${cluster}` }));
      await end(holder.job);
      expect((await start({ idempotencyKey: `key-${cluster}` })).how).toBe('created');
    });

    it('waits in line if it wishes, in no queue until its turn comes', async () => {
      await ask();
      const { how, job } = await start({ onBusy: 'wait' });
      expect([how, job.state, job.phase, (job as AnyJob).dueAt]).toEqual(['created', 'waiting', 'line', job.deadline]);
      expect(await storage.whereabouts('default.neptune', [job.id])).toEqual(['absent']);
      const line = await storage.store.page<JobRecord>(indexOf.line(job.resource), { order: 'oldest', limit: 10 });
      expect(line.records.map(({ value }) => value.id)).toEqual([job.id]);
    });

    it('says that it waits in line, and is in its queue for its deadline alone once that is near', async () => {
      await ask();
      const deadline = clock.now() + 6_000;
      const { job } = await start({ onBusy: 'wait', deadline: new Date(deadline).toISOString() });
      expect(job.reason).toBe('In line: another job has the turn of this resource.');
      const queued = (await storage.queue('default.neptune').getJob(job.id)) as Job;
      expect(await queued.isDelayed()).toBe(true);
      expect(queued.delay).toBe(6_020);
    });

    it('joins the equal one that waits in line', async () => {
      await ask();
      const waiting = await start({ onBusy: 'wait' });
      expect(await start({ onBusy: 'wait' })).toEqual({ how: 'joined', job: waiting.job });
      expect((await start()).how, 'though it would have been refused').toBe('joined');
    });

    it('excludes operations of another API on the same resource', async () => {
      cluster = 'test-1';
      const holder = await ask();
      const reset = { operation: 'fast-reset', input: { dbClusterIdentifier: 'test-1', confirm: 'test-1' } };
      expect((await refusalOf(ask(reset))).details.holder).toBe(holder.job.id);
      await end(holder.job);
    });
  });

  describe('with a deadline', () => {
    it('ends by it', async () => {
      const { job } = await ask({ deadline: '2026-11-20T12:30:00+01:00' });
      expect(new Date(job.deadline).toISOString()).toBe('2026-11-20T11:30:00.000Z');
    });

    it.each([
      ['2026-11-20T09:59:59Z', /passed/],
      ['2026-11-20T10:00:00Z', /passed/],
      ['2027-12-20T10:00:00Z', /year/],
      ['2026-11-20T11:00:00', /zone/],
      ['2026-11-20', /zone/],
      ['tomorrow', /zone/],
      ['', /zone/],
      ['2026-13-20T11:00:00Z', /zone/],
      ['1795000000000', /zone/],
    ])('refuses %s, and gives an example', async (deadline, why) => {
      const refusal = await refusalOf(ask({ deadline }));
      expect(refusal.code).toBe('invalid-request');
      expect(refusal.message).toMatch(why);
      expect(refusal.message).toMatch(/Example: 2026-11-20T12:00:00\.000Z/);
      expect(await jobsOf()).toEqual([]);
    });

    it('that makes no sense is refused also when it would join', async () => {
      await ask();
      expect(await refusalOf(ask({ deadline: 'tomorrow' }))).toMatchObject({ code: 'invalid-request' });
    });
  });

  it.each([
    ['an operation that isn’t', { operation: 'drop-everything' }, 'unknown-operation'],
    ['an operation named like a property', { operation: 'constructor' }, 'unknown-operation'],
    ['a target that isn’t', { target: 'elsewhere' }, 'unknown-target'],
    ['a target named like a property', { target: '__proto__' }, 'unknown-target'],
    ['no input', { input: undefined }, 'invalid-input'],
    ['an input of another operation', { input: { taskIdentifier: 't-0123456789' } }, 'invalid-input'],
  ] as const)('with %s is refused, and nothing is stored', async (_what, more, code) => {
    const before = await storage.store.count(indexOf.jobs);
    expect(await refusalOf(ask({ ...more, idempotencyKey: `key-${cluster}` }))).toMatchObject({ code });
    expect(await storage.store.count(indexOf.jobs)).toBe(before);
    expect((await ask({ idempotencyKey: `key-${cluster}` })).how).toBe('created');
  });

  it('that is wrong in several fields says so of each, with an example', async () => {
    const input = { graphIdentifier: 'my-graph', snapshotName: 'gs-1', tags: { 'aws:x': 'y' }, extra: 1 };
    const { details } = await refusalOf(ask({ operation: 'create-graph-snapshot', input }));
    expect(details.errors).toEqual([
      { path: 'graphIdentifier', rule: expect.stringContaining('g- and ten'), example: 'g-0123456789' },
      { path: 'snapshotName', rule: expect.stringContaining('not with gs-'), example: 'nightly-1' },
      { path: 'tags.aws:x', rule: expect.stringContaining('aws:'), example: { team: 'search' } },
      { path: 'extra', rule: expect.stringContaining('unknown field') },
    ]);
  });

  it('to reset a cluster is refused without its confirmation or the operator’s leave', async () => {
    const reset = (dbClusterIdentifier: string, confirm: string, target = 'default') =>
      refusalOf(ask({ operation: 'fast-reset', input: { dbClusterIdentifier, confirm }, target }));
    expect(await reset('test-1', 'test-2')).toMatchObject({ code: 'wrong-confirmation', status: 422 });
    expect(await reset('dev-1', 'dev-1')).toMatchObject({ code: 'cluster-not-resettable', status: 403 });
    expect(await reset('test-1', 'test-1', 'prod')).toMatchObject({ code: 'cluster-not-resettable' });
    expect(await jobsOf('prod/db-cluster/test-1')).toEqual([]);
  });

  it('that comes 200 times at once over three connections gives one job', async () => {
    const connections = [storage, await opened.another(), await opened.another()];
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        ask({ idempotencyKey: i % 2 ? `key-${cluster}` : undefined }, connections[i % 3]),
      ),
    );
    expect(new Set(answers.map(({ job }) => job.id)).size).toBe(1);
    expect(answers.filter(({ how }) => how === 'created')).toHaveLength(1);
    expect(await jobsOf()).toHaveLength(1);
  });

  it('finds its place in line among 300 different ones at once', async () => {
    const connections = [storage, await opened.another(), await opened.another()];
    const graphIdentifier = `g-${String(clusters).padStart(10, '0')}`;
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        ask(
          { operation: 'create-graph-snapshot', input: { graphIdentifier, snapshotName: `s-${i}` }, onBusy: 'wait' },
          connections[i % 3],
        ),
      ),
    );
    expect(answers.every(({ how }) => how === 'created')).toBe(true);
    const jobs = await jobsOf(`default/graph/${graphIdentifier}`);
    expect(jobs.filter(({ phase }) => phase === 'look')).toHaveLength(1);
    expect(jobs.filter(({ phase }) => phase === 'line')).toHaveLength(299);
    expect(await storage.store.count(indexOf.line(`default/graph/${graphIdentifier}`))).toBe(299);
  });

  it('whose process dies between the commit and the queue is found by asking again', async () => {
    const dying: Storage = {
      ...storage,
      queue: () => {
        throw new Error('the process is gone');
      },
    };
    await expect(ask({ idempotencyKey: `key-${cluster}` }, dying)).rejects.toThrow('the process is gone');
    const again = await ask({ idempotencyKey: `key-${cluster}` });
    expect([again.how, again.job.state]).toEqual(['known', 'queued']);
    expect((await ask()).job.id).toBe(again.job.id);
    expect(await jobsOf()).toHaveLength(1);
  });

  it('whose commit was sent twice, so that it is answered as refused, is still its own', async () => {
    const twice = over({
      async commit(changes) {
        const first = await storage.store.commit(changes);
        return first.ok ? storage.store.commit(changes) : first;
      },
    });
    const { how, job } = await ask({ idempotencyKey: `key-${cluster}` }, twice);
    expect(how).toBe('created');
    expect(await storage.whereabouts('default.neptune', [job.id])).toEqual(['there']);
    expect(await jobsOf()).toHaveLength(1);
  });

  it('whose commit was sent twice is its own also if it was carried out in between', async () => {
    const twice = over({
      async commit(changes) {
        const first = await storage.store.commit(changes);
        if (!first.ok) return first;
        const done = first.written.filter((one) => one?.key.startsWith('turn/') || one?.key.startsWith('request/'));
        await storage.store.commit(done.flatMap((was) => (was ? [{ op: 'delete', was }] : [])));
        return storage.store.commit(changes);
      },
    });
    expect((await ask({}, twice)).how).toBe('created');
    expect(await jobsOf()).toHaveLength(1);
  });

  it('takes over the turn, and the request, of a job that is gone from the store', async () => {
    const holder = await ask();
    const { job } = await readJob(storage.store, holder.job.id);
    if (job) await storage.store.commit([{ op: 'delete', was: job }]);
    const again = await ask();
    expect(again.how).toBe('created');
    expect((await refusalOf(start())).details.holder).toBe(again.job.id);
  });

  /** As a worker would, without its visits. */
  async function end(job: JobRecord): Promise<void> {
    const keys = [keyOf.job(job.id), keyOf.request(job.request), keyOf.turn(job.resource)];
    const [stored, request, turn] = (await storage.store.read(keys)).records;
    if (!stored || !request || !turn) throw new Error('the job is not as it should be');
    const over = { ...job, state: 'succeeded', phase: 'over', outcome: { state: 'succeeded', changed: true } };
    const committed = await storage.store.commit([
      { op: 'replace', was: stored, value: over },
      { op: 'delete', was: request },
      { op: 'delete', was: turn },
    ]);
    expect(committed.ok).toBe(true);
  }

  it('with a deadline is known by its key also when it comes again after that', async () => {
    const again = { deadline: new Date(clock.now() + 60_000).toISOString(), idempotencyKey: `d-${cluster}` };
    const { job } = await ask(again);
    clock.advance(120_000);
    expect(await ask(again)).toMatchObject({ how: 'known', job: { id: job.id } });
  });
});
