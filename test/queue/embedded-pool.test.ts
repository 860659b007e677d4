// BullMQ on the embedded database: what the service uses of it, and the BullMQ texts that the pool knows by heart.

import { createPostgresBackend, DelayedError, type Job, type Queue, withBackend, type Worker } from 'bullmq';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedPool, recognised } from '../../src/queue/embedded-pool.ts';
import { preparedDatabase } from '../../src/queue/prepared-database.ts';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../src/records/embedded-database.ts';
import { openEmbeddedStore } from '../../src/records/embedded-store.ts';

const bullmq = withBackend(createPostgresBackend);
type AnyQueue = Pick<Queue, 'close'>;
type AnyWorker = Pick<Worker, 'close'>;

describe('BullMQ on the embedded pool', () => {
  let database: EmbeddedDatabase;
  let pool: Awaited<ReturnType<typeof createEmbeddedPool>>;
  let queues = 0;
  const open: (AnyQueue | AnyWorker)[] = [];
  /** What reached the database. */
  const statements: string[] = [];

  beforeAll(async () => {
    const real = await openEmbeddedDatabase({ folder: 'memory://', prepared: preparedDatabase });
    database = {
      ...real,
      query: (sql, parameters) => {
        statements.push(sql);
        return real.query(sql, parameters);
      },
    };
    pool = await createEmbeddedPool(database);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });
  afterAll(async () => {
    await pool?.close();
    await database?.close();
  });

  function makeQueue() {
    queues += 1;
    const queue = new bullmq.Queue(`queue-${queues}`, { connection: pool });
    open.push(queue);
    return queue;
  }

  type Visited = Pick<Job, 'id' | 'name' | 'processedOn' | 'changePriority' | 'moveToDelayed'>;
  type Visit = (job: Visited, token: string) => Promise<unknown>;

  function makeWorker(
    queue: string,
    visit: Visit,
    options: { concurrency?: number; name?: string; drainDelay?: number } = {},
  ) {
    const worker = new bullmq.Worker(queue, (job, token) => visit(job as unknown as Job, token ?? ''), {
      connection: pool,
      ...options,
    });
    worker.on('error', () => {}); // a test that provokes one looks at its effect
    open.push(worker);
    return worker;
  }

  it('adds and processes jobs, and keeps what they return', async () => {
    const queue = makeQueue();
    makeWorker(queue.name, async (job) => `did ${job.name}`);
    const job = await queue.add('this', { some: 'data' });
    await expect.poll(async () => (await queue.getJob(job.id ?? ''))?.returnvalue).toBe('did this');
    expect((await queue.getJob(job.id ?? ''))?.data).toEqual({ some: 'data' });
    expect(await queue.getJob('nobody')).toBeUndefined();
  });

  it('keeps the first job when its id is added again', async () => {
    const queue = makeQueue();
    await queue.add('first', { n: 1 }, { jobId: 'same' });
    await queue.add('second', { n: 2 }, { jobId: 'same' });
    expect(await queue.getJob('same')).toMatchObject({ name: 'first', data: { n: 1 } });
  });

  it('starts a delayed job when it is due, without anything else happening', async () => {
    const queue = makeQueue();
    const started: number[] = [];
    // In seconds: nothing but the job's own time wakes the worker again.
    makeWorker(queue.name, async () => started.push(Date.now()), { drainDelay: 3_600 });
    const due = Date.now() + 300;
    await queue.add('later', {}, { delay: 300 });
    await expect.poll(() => started.length).toBe(1);
    expect(started[0]).toBeGreaterThanOrEqual(due - 5);
  });

  it('puts an active job back with moveToDelayed and DelayedError, without using up an attempt', async () => {
    const queue = makeQueue();
    let visits = 0;
    makeWorker(queue.name, async (job, token) => {
      visits += 1;
      if (visits === 4) return 'done';
      await job.moveToDelayed(Date.now() + 30, token);
      throw new DelayedError();
    });
    const { id = '' } = await queue.add('poll', {});
    await expect.poll(async () => (await queue.getJob(id))?.returnvalue).toBe('done');
    expect(visits).toBe(4);
    expect(await queue.getJob(id)).toMatchObject({ attemptsStarted: 4, attemptsMade: 1, stalledCounter: 0 });
  });

  it('lets new work pass polls whose priority was changed while they were active', async () => {
    const queue = makeQueue();
    const order: string[] = [];
    makeWorker(queue.name, async (job, token) => {
      order.push(job.name);
      await pause(5);
      if (job.name === 'new') return;
      await job.changePriority({ priority: 10 });
      await job.moveToDelayed(Date.now(), token);
      throw new DelayedError();
    });
    for (let i = 0; i < 10; i += 1) await queue.add('poll', {});
    await expect.poll(() => order.length).toBeGreaterThan(20);
    const before = order.length;
    await queue.add('new', {});
    await expect.poll(() => order.indexOf('new')).toBeGreaterThan(-1);
    expect(order.indexOf('new') - before).toBeLessThan(5);
  });

  it('holds a global rate limit, set at run time', async () => {
    const queue = makeQueue();
    const [max, duration] = [5, 400];
    await queue.setGlobalRateLimit(max, duration);
    const taken: number[] = [];
    makeWorker(queue.name, async ({ processedOn = 0 }) => taken.push(processedOn), { concurrency: 10 });
    await queue.addBulk(Array.from({ length: 15 }, () => ({ name: 'one', data: {} })));
    await expect.poll(() => taken.length).toBe(15);
    // By the time that the limiter itself goes by, whatever the machine is busy with: each window begins with a job.
    const windows: number[][] = [];
    for (const at of taken.toSorted((a, b) => a - b)) {
      const [begin = -Infinity] = windows.at(-1) ?? [];
      if (at < begin + duration) windows.at(-1)?.push(at);
      else windows.push([at]);
    }
    expect(Math.max(...windows.map(({ length }) => length))).toBeLessThanOrEqual(max);
    expect(windows.length).toBeGreaterThanOrEqual(3);
  });

  it('promotes a delayed job, and refuses to promote one that is not', async () => {
    const queue = makeQueue();
    const job = await queue.add('later', {}, { delay: 60_000 });
    await job.promote();
    expect(await job.getState()).toBe('waiting');
    await expect(job.promote()).rejects.toThrow();
    makeWorker(queue.name, async () => 'done');
    await expect.poll(async () => (await queue.getJob(job.id ?? ''))?.returnvalue).toBe('done');
  });

  it('changes the priority of waiting jobs, lifo before all', async () => {
    const queue = makeQueue();
    const jobs = [];
    for (const name of ['a', 'b', 'c', 'd']) jobs.push(await queue.add(name, {}, { priority: 5 }));
    await jobs[3]?.changePriority({ priority: 1 });
    await jobs[2]?.changePriority({ priority: 0, lifo: true });
    const order: string[] = [];
    makeWorker(queue.name, async (job) => order.push(job.name));
    await expect.poll(() => order).toEqual(['c', 'd', 'a', 'b']);
  });

  it('lists workers by their names', async () => {
    const queue = makeQueue();
    const before = statements.length;
    const worker = makeWorker(queue.name, async () => {}, { name: 'one' });
    makeWorker(queue.name, async () => {});
    await worker.waitUntilReady();
    await expect.poll(async () => (await queue.getWorkers()).length).toBe(2);
    const listed = await queue.getWorkers();
    expect(listed.map(({ rawname }) => rawname).sort()).toEqual([queue.name, `${queue.name}:w:one`]);
    expect(listed.every(({ addr, age }) => addr === 'in-process' && Number(age) >= 0)).toBe(true);
    await worker.close();
    expect(await queue.getWorkers()).toHaveLength(1);
    expect(statements.slice(before).filter((sql) => sql.includes('pg_stat_activity'))).toEqual([]);
  });

  it('gives a job of a worker that stopped renewing its lock to another', async () => {
    const queue = makeQueue();
    const connection = { connection: pool, stalledInterval: 150, maxStalledCount: 9 };
    const lost = new bullmq.Worker(queue.name, () => new Promise(() => {}), {
      ...connection,
      lockDuration: 100,
      skipLockRenewal: true,
    });
    const { id = '' } = await queue.add('one', {});
    await expect.poll(async () => (await queue.getJob(id))?.getState()).toBe('active');
    await lost.close(true);
    const next = new bullmq.Worker(queue.name, async () => 'recovered', connection);
    open.push(next);
    await expect.poll(async () => (await queue.getJob(id))?.returnvalue).toBe('recovered');
    expect((await queue.getJob(id))?.stalledCounter).toBe(1);
  });

  it('lives beside the store in one database, both busy', async () => {
    const store = await openEmbeddedStore({ database });
    const queue = makeQueue();
    makeWorker(
      queue.name,
      async (job) => store.commit([{ op: 'create', key: job.id ?? '', value: 1, indexes: { x: 1 } }]),
      {
        concurrency: 20,
      },
    );
    await Promise.all(Array.from({ length: 200 }, (_, i) => queue.add('one', {}, { jobId: `job-${i}` })));
    await expect.poll(() => store.count('x')).toBe(200);
    await database.vacuum();
  });

  it('does not spin when a queue is at its global concurrency', async () => {
    const queue = makeQueue();
    await queue.setGlobalConcurrency(1);
    let free = (): void => {};
    const busy = new Promise<void>((resolve) => (free = resolve));
    makeWorker(queue.name, () => busy);
    makeWorker(queue.name, () => busy);
    await queue.addBulk(Array.from({ length: 5 }, () => ({ name: 'one', data: {} })));
    await pause(300);
    const before = statements.length;
    const began = performance.now();
    await pause(1_000);
    const probes = () => statements.slice(before).filter((sql) => recognised.waitingProbe.test(sql)).length;
    await expect.poll(probes).toBeGreaterThan(5);
    const aSecond = (probes() * 1_000) / (performance.now() - began);
    free();
    expect(aSecond).toBeLessThan(60);
  });

  it('rejects what comes after its end, in the words BullMQ knows', async () => {
    const other = await openEmbeddedDatabase({ folder: 'memory://', prepared: preparedDatabase });
    const ended = await createEmbeddedPool(other);
    await ended.close();
    await expect(ended.query('SELECT 1')).rejects.toThrow('after calling end on the pool');
    await other.close();
  });
});

interface Scripts {
  readonly SQL_COMMANDS: Readonly<Record<string, string>>;
}

describe('the BullMQ texts that the pool recognises', () => {
  const scripts = createRequire(import.meta.url)('bullmq/dist/cjs/postgres/sql-scripts.js') as Scripts;
  const commands = scripts.SQL_COMMANDS;

  it('are still what the installed BullMQ sends', () => {
    expect(commands['get_client_list.sql']).toMatch(recognised.clientList);
    expect(commands['has_waiting_job.sql']).toMatch(recognised.waitingProbe);
  });

  it('are in no other of its statements', () => {
    const matching = (pattern: RegExp): string[] =>
      Object.keys(commands).filter((name) => pattern.test(commands[name] ?? ''));
    expect(matching(recognised.clientList)).toEqual(['get_client_list.sql']);
    expect(matching(recognised.waitingProbe)).toEqual(['has_waiting_job.sql']);
    expect(matching(recognised.setName)).toEqual([]);
  });
});
