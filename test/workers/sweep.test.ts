// The sweep, with the real queues: whatever no queue knows of is found again, and what is too old is dropped.
import type { Job } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { operationOf } from '../../src/handlers/index.ts';
import { createTurnableClock, type TurnableClock } from '../../emulator/clock.ts';
import { announce } from '../../src/queue/announce.ts';
import { requestCancel } from '../../src/queue/cancel.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import { eventJobId, eventsQueue, workQueues } from '../../src/queue/names.ts';
import { openStorage, type Storage } from '../../src/queue/storage.ts';
import { type JobRecord, indexOf, jobIndexes, keyOf, readJob } from '../../src/records/job.ts';
import { type Found, sweep } from '../../src/workers/sweep.ts';
import { lendDatabase } from '../support/lent-database.ts';
import { hasRedisServer, startRedisServer, type RedisServer } from '../support/redis-server.ts';
import { patience } from '../support/patience.ts';
import type { AnyJob } from '../support/jobs.ts';

const targets = [{ name: 'default', region: 'eu-west-1' }];
const log = pino({ level: 'silent' });
const graphQueue = 'default.neptune-graph';
const day = 86_400_000;

describe.each(hasRedisServer() ? (['redis', 'embedded'] as const) : (['embedded'] as const))(
  'the sweep, on %s',
  (kind) => {
    let server: RedisServer | undefined;
    let storage: Storage;
    let clock: TurnableClock;
    beforeAll(async () => {
      clock = createTurnableClock();
      server = kind === 'redis' ? await startRedisServer() : undefined;
      storage = await openStorage({
        redisUrl: server?.url,
        redisTimeoutMs: patience,
        dataDir: '',
        ...(server ? {} : { database: await lendDatabase() }),
        log,
        now: clock.now,
      });
    });
    afterAll(async () => {
      await storage.close();
      await server?.stop();
    });
    afterEach(async () => {
      for (const name of [...workQueues(targets).map((queue) => queue.name), eventsQueue]) {
        await storage.queue(name).obliterate({ force: true });
      }
      const { store } = storage;
      for (const index of [indexOf.jobs, indexOf.idempotency, indexOf.cancels, indexOf.history]) {
        const { records } = await store.page(index, { order: 'oldest', limit: 1_000 });
        const beside = records.flatMap(({ value }) => {
          const { request, resource } = value as Partial<JobRecord>;
          return request === undefined ? [] : [keyOf.request(request), keyOf.turn(resource ?? '')];
        });
        const others = (await store.read([...new Set(beside)])).records.filter((record) => record !== undefined);
        await store.commit([...records, ...others].map((was) => ({ op: 'delete', was })));
      }
    });

    const sweepNow = (events = true): Promise<Found> =>
      sweep({
        storage,
        deps: { operationOf, log, events },
        queues: workQueues(targets).map(({ name }) => ({ name, rate: 5 })),
        keepMs: 7 * day,
      });
    const watch = async (number: number, by: Storage = storage, idempotencyKey?: string): Promise<JobRecord> => {
      const taskIdentifier = `t-${String(number).padStart(10, '0')}`;
      const request = { operation: 'watch-import-task', input: { taskIdentifier }, idempotencyKey };
      return (await enqueue(by, { targets, resettable: new Set() }, request)).job;
    };
    const where = async (id: string, queue = graphQueue) => (await storage.whereabouts(queue, [id]))[0];
    const queued = (id: string) => storage.queue(graphQueue).getJob(id);
    /** Writes the record anew, as a visit would. */
    const rewrite = async (id: string, parts: Partial<AnyJob>): Promise<JobRecord> => {
      const { job } = await readJob(storage.store, id);
      if (job === undefined) throw new Error(`no job ${id}`);
      const value = { ...job.value, ...parts } as JobRecord;
      const { ok } = await storage.store.commit([{ op: 'replace', was: job, value, indexes: jobIndexes(value) }]);
      expect(ok).toBe(true);
      return value;
    };
    const end = async (id: string, parts: Partial<AnyJob> = {}): Promise<JobRecord> => {
      const { job } = await readJob(storage.store, id);
      const { dueAt: _due, ...rest } = (job?.value ?? {}) as AnyJob;
      const value = {
        ...rest,
        state: 'succeeded',
        phase: 'over',
        event: 'pending',
        finishedAt: clock.now(),
        outcome: { state: 'succeeded', changed: false },
        ...parts,
      } as JobRecord;
      const [request] = (await storage.store.read([keyOf.request(value.request)])).records;
      if (job === undefined || request === undefined) throw new Error(`no live job ${id}`);
      await storage.store.commit([
        { op: 'replace', was: job, value, indexes: jobIndexes(value) },
        { op: 'delete', was: request },
      ]);
      return value;
    };
    /** A producer that dies between the commit and the queue. */
    const dying = (): Storage => ({
      ...storage,
      queue: (name) =>
        Object.assign(Object.create(storage.queue(name)), { add: () => Promise.reject(new Error('died')) }),
    });
    /** Takes the queue's job and ends it at once, as nobody should. */
    const endInQueue = async (id: string): Promise<void> => {
      const worker = storage.worker(graphQueue, () => Promise.resolve('done'), { concurrency: 1 });
      await expect.poll(() => where(id)).toBe('over');
      await worker.close();
    };

    it('finds what a crash left between the commit and the queue, and leaves alone what is not overdue', async () => {
      await expect(watch(1, dying())).rejects.toThrow('died');
      const lost = (await storage.store.page<JobRecord>(indexOf.jobs, { order: 'newest', limit: 1 })).records[0]?.value;
      expect(await where(lost?.id ?? '')).toBe('absent');
      expect(await sweepNow()).toMatchObject({ added: 0 });
      clock.advance(2_001);
      expect(await sweepNow()).toMatchObject({ added: 1 });
      expect(await where(lost?.id ?? '')).toBe('there');
      expect(await sweepNow()).toMatchObject({ added: 0 });
    });

    it('fills a wiped queue again, the whole of it', async () => {
      const jobs = [];
      for (let number = 0; number < 230; number += 1) jobs.push(await watch(number));
      const last = await watch(999);
      await storage.queue(graphQueue).obliterate({ force: true });
      await watch(1_000);
      clock.advance(10_000);
      expect(await sweepNow()).toMatchObject({ added: 231 });
      expect(await where(last.id)).toBe('there');
      expect(
        new Set(
          await storage.whereabouts(
            graphQueue,
            jobs.map(({ id }) => id),
          ),
        ),
      ).toEqual(new Set(['there']));
    });

    it('adds a job again that has ended in its queue under a live record', async () => {
      const job = await watch(1);
      await endInQueue(job.id);
      clock.advance(2_001);
      expect(await sweepNow()).toMatchObject({ added: 1 });
      expect(await where(job.id)).toBe('there');
    });

    it('announces events again that no queue knows, once, and none where events are off', async () => {
      const job = await watch(1);
      await end(job.id);
      clock.advance(2_001);
      expect(await sweepNow(false)).toMatchObject({ announced: 0 });
      expect(await sweepNow()).toMatchObject({ announced: 1 });
      expect(await where(eventJobId(job.id), eventsQueue)).toBe('there');
      expect(await sweepNow()).toMatchObject({ announced: 0 });
      await storage.queue(eventsQueue).obliterate({ force: true });
      expect(await sweepNow()).toMatchObject({ announced: 1 });
    });

    it('does not announce again what is on its way', async () => {
      const job = await end((await watch(1)).id);
      await announce(storage, job);
      clock.advance(60_000);
      expect(await sweepNow()).toMatchObject({ announced: 0 });
      expect(await storage.queue(eventsQueue).getJobCounts()).toMatchObject({ waiting: 1 });
    });

    it('drops wishes to cancel whose job has ended or is gone, and takes up one that nobody did', async () => {
      const [ended, live] = [await watch(1), await watch(2)];
      const flag = (id: string) =>
        storage.store.commit([
          {
            op: 'create',
            key: keyOf.cancel(id),
            value: { job: id, at: clock.now() },
            indexes: { [indexOf.cancels]: clock.now() },
          },
        ]);
      await end(ended.id);
      for (const id of [ended.id, live.id, 'nobody']) await flag(id);
      await storage.queue(graphQueue).obliterate({ force: true });
      await rewrite(live.id, { dueAt: clock.now() + day });
      clock.advance(2_001);
      await sweepNow();
      const left = await storage.store.read([ended.id, live.id, 'nobody'].map(keyOf.cancel));
      expect(left.records.map((record) => record?.value)).toMatchObject([undefined, { job: live.id }, undefined]);
      expect(await where(live.id)).toBe('there');
    });

    it('drops what has ended and was kept long enough, with its idempotency key, but never a pending event', async () => {
      const [old, unsent, recent] = [await watch(1, storage, 'one'), await watch(2), await watch(3)];
      await end(old.id, { event: 'sent' });
      await end(unsent.id);
      clock.advance(5 * day);
      await end(recent.id, { event: 'off' });
      clock.advance(3 * day);
      expect((await sweepNow()).dropped).toBeGreaterThanOrEqual(2);
      const kept = await Promise.all(
        [old, unsent, recent].map(async ({ id }) => (await readJob(storage.store, id)).job),
      );
      expect(kept.map((job) => job?.value.id)).toEqual([undefined, unsent.id, recent.id]);
      expect(await storage.store.count(indexOf.idempotency)).toBe(0);
      expect((await watch(1, storage, 'one')).id).not.toBe(old.id);
    });

    it('makes room in a store whose memory is full, also where it can’t add what is overdue', async ({ skip }) => {
      if (server === undefined) return skip('the embedded store has no such limit');
      const old = await watch(1);
      await end(old.id, { event: 'sent' });
      clock.advance(8 * day);
      await expect(watch(2, dying())).rejects.toThrow('died');
      clock.advance(10_000);
      const redis = new Redis(server.url);
      await redis.config('SET', 'maxmemory', '1');
      await expect(sweepNow()).rejects.toThrow('OOM');
      await redis.config('SET', 'maxmemory', '0');
      redis.disconnect();
      expect((await readJob(storage.store, old.id)).job).toBeUndefined();
      expect(await sweepNow()).toMatchObject({ added: 1 });
    });

    it('keeps an idempotency key exactly as long as its job, however long that runs', async () => {
      const [running, unsent] = [await watch(1, storage, 'running'), await watch(2, storage, 'unsent')];
      const count = () => storage.store.count(indexOf.idempotency);
      await end(unsent.id);
      clock.advance(30 * day);
      await sweepNow();
      expect(await count()).toBe(2);
      await end(running.id, { event: 'sent' });
      clock.advance(7 * day - 1);
      await sweepNow();
      expect([(await watch(1, storage, 'running')).id, (await watch(2, storage, 'unsent')).id]).toEqual([
        running.id,
        unsent.id,
      ]);
      clock.advance(2);
      await sweepNow();
      expect((await readJob(storage.store, running.id)).job).toBeUndefined();
      expect(await count()).toBe(1);
      expect((await watch(1, storage, 'running')).id).not.toBe(running.id);
      expect((await watch(2, storage, 'unsent')).id).toBe(unsent.id);
    });

    it('brings polls forward that starve, as many as a third of the budget', async () => {
      const jobs = [];
      for (let number = 0; number < 12; number += 1) jobs.push(await watch(number));
      for (const { id } of jobs) {
        const job = await queued(id);
        await job?.changeDelay(day).catch(() => undefined);
      }
      const worker = storage.worker(
        graphQueue,
        async (job, token) => {
          await job.moveToDelayed(Date.now() + day, token);
          const { DelayedError } = await import('bullmq');
          throw new DelayedError();
        },
        { concurrency: 12 },
      );
      await expect.poll(async () => (await storage.queue(graphQueue).getJobCounts())['delayed']).toBe(12);
      await worker.close();
      expect(await sweepNow()).toMatchObject({ broughtForward: 0 });
      clock.advance(5_001);
      expect(await sweepNow()).toEqual({ added: 0, broughtForward: 4, announced: 0, dropped: 0 });
      const counts = await storage.queue(graphQueue).getJobCounts();
      expect(counts['delayed']).toBe(8);
    });

    it('gives a job in line a place in its queue only for its deadline, once that is near', async () => {
      const ask = (operation: string) =>
        enqueue(
          storage,
          { targets, resettable: new Set() },
          { operation, input: { dbClusterIdentifier: 'dev-1' }, onBusy: 'wait' },
        );
      await ask('stop-db-cluster');
      const { job } = await ask('start-db-cluster');
      clock.advance(60_000);
      expect(await sweepNow()).toMatchObject({ added: 0 });
      expect(await where(job.id, 'default.neptune')).toBe('absent');
      clock.advance(job.deadline - clock.now() - 5_000);
      for (const _again of [1, 2]) {
        expect(await sweepNow()).toMatchObject({ added: 0 });
        const queued = (await storage.queue('default.neptune').getJob(job.id)) as Job;
        expect([await queued.isDelayed(), queued.delay]).toEqual([true, 5_020]);
      }
      await storage.queue('default.neptune').obliterate({ force: true });
      clock.advance(7_001);
      expect(await sweepNow()).toMatchObject({ added: 2 });
      expect(await where(job.id, 'default.neptune')).toBe('there');
    });

    it('a cancelled job is due at once in its queue', async () => {
      const job = await watch(1);
      await storage.queue(graphQueue).obliterate({ force: true });
      await requestCancel(storage, job.id);
      expect(await where(job.id)).toBe('there');
    });
  },
);
