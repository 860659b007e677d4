// How fast a queue goes, with real workers: one limit for all of them, less when AWS throttles, and polls never in the way.
// A time here is a least one, that a slow machine only makes longer; what comes first is told by order, not by a clock.
import { DelayedError, type Job, type Worker } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTurnableClock } from '../../emulator/clock.ts';
import { type RateRecord, applyRate, slowDown, speedUp } from '../../src/queue/rate.ts';
import type { Storage } from '../../src/queue/storage.ts';
import { pollPriority } from '../../src/queue/wake.ts';
import { keyOf } from '../../src/records/job.ts';
import { workerSettings } from '../../src/workers/operation-worker.ts';
import { patience } from '../support/patience.ts';
import { type OpenStorage, storageKinds } from '../support/storages.ts';

/** Visits at a time, of each worker. */
const concurrency = 20;

describe.each(storageKinds())('the rate of a queue on $name', ({ open }) => {
  const clock = createTurnableClock(Date.parse('2026-11-20T10:00:00Z'));
  let opened: OpenStorage;
  let storage: Storage;
  let workers: Worker[] = [];
  let name: string;
  let queues = 0;

  beforeAll(async () => {
    opened = await open(clock.now);
    storage = opened.storage;
  });
  afterAll(() => opened?.close());
  beforeEach(() => {
    queues += 1;
    name = `queue-${queues}.neptune`;
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close(true)));
  });

  const queue = (called = name) => storage.queue(called);
  const limit = () => queue().getGlobalRateLimit();

  async function work(process: (job: Job, token?: string) => Promise<void>, called = name, through = storage) {
    const worker = through.worker(called, process, workerSettings(concurrency));
    worker.on('error', () => undefined);
    workers.push(worker);
    await worker.waitUntilReady();
  }

  async function add(count: number, called = name): Promise<void> {
    await queue(called).addBulk(
      Array.from({ length: count }, (_, i) => ({ name: 'visit', data: {}, opts: { jobId: `job-${i}` } })),
    );
  }

  async function until(reached: () => boolean, said: () => unknown): Promise<number> {
    const began = performance.now();
    while (!reached()) {
      if (performance.now() - began > patience)
        throw new Error(`Not reached: ${String(reached)}, but ${String(said())}.`);
      await pause(10);
    }
    return performance.now() - began;
  }

  it('is one for several workers together', async () => {
    await applyRate(storage.store, queue(), 10);
    let visits = 0;
    const count = async () => {
      visits += 1;
    };
    for (const through of [storage, await opened.another(), await opened.another()]) await work(count, name, through);
    await add(40);
    const took = await until(
      () => visits === 40,
      () => visits,
    );
    // Ten a second, and the fixed window lets up to twice that through around an edge.
    expect(took).toBeGreaterThan(1_800);
  });

  it('is halved for everybody when AWS throttles, once a burst', async () => {
    await applyRate(storage.store, queue(), 20);
    expect(await limit()).toEqual({ max: 20, duration: 1_000 });
    const rates = await Promise.all(Array.from({ length: 10 }, () => slowDown(storage.store, queue(), 20)));
    expect(new Set(rates)).toEqual(new Set([10]));
    expect(await limit()).toEqual({ max: 10, duration: 1_000 });
    clock.advance(1_999);
    expect(await slowDown(storage.store, queue(), 20)).toBe(10);
    clock.advance(1);
    expect(await slowDown(storage.store, queue(), 20)).toBe(5);
  });

  it('never falls to nothing', async () => {
    let rate = 5;
    for (let bursts = 0; bursts < 20; bursts += 1) {
      clock.advance(2_000);
      rate = await slowDown(storage.store, queue(), 5);
    }
    expect(rate).toBe(0.2);
    expect(await limit()).toEqual({ max: 1, duration: 5_000 });
  });

  it('recovers step by step, one step for all processes', async () => {
    await slowDown(storage.store, queue(), 20);
    clock.advance(4_999);
    expect(await speedUp(storage.store, queue(), 20)).toBe(10);
    clock.advance(1);
    const raised = await Promise.all(Array.from({ length: 5 }, () => speedUp(storage.store, queue(), 20)));
    expect(Math.max(...raised)).toBe(12);
    expect(await speedUp(storage.store, queue(), 20)).toBe(12);
    for (let steps = 0; steps < 10; steps += 1) {
      clock.advance(5_000);
      await speedUp(storage.store, queue(), 20);
    }
    expect(await limit()).toEqual({ max: 20, duration: 1_000 });
  });

  it('is taken up by a new worker from the record, not from its settings', async () => {
    await slowDown(storage.store, queue(), 20);
    await queue().removeGlobalRateLimit();
    expect(await applyRate(storage.store, queue(), 20)).toBe(10);
    expect(await limit()).toEqual({ max: 10, duration: 1_000 });
  });

  it('is set anew for a queue that was wiped', async () => {
    await applyRate(storage.store, queue(), 20);
    await queue().removeGlobalRateLimit();
    await speedUp(storage.store, queue(), 20);
    expect(await limit()).toEqual({ max: 20, duration: 1_000 });
  });

  it.each([
    ['lowered', 4, 2],
    ['raised', 40, 20],
  ])('begins from the settings when they were %s since', async (_how, configured, halved) => {
    await slowDown(storage.store, queue(), 20);
    clock.advance(2_000);
    expect(await applyRate(storage.store, queue(), configured)).toBe(configured);
    expect(await speedUp(storage.store, queue(), configured)).toBe(configured);
    expect(await slowDown(storage.store, queue(), configured)).toBe(halved);
    const { records } = await storage.store.read([keyOf.rate(name)]);
    expect(records[0]?.value).toEqual({ configured, rate: halved, changedAt: clock.now() } satisfies RateRecord);
  });

  it('stands still for a moment when AWS throttles, and goes on by itself', async () => {
    await applyRate(storage.store, queue(), 1_000);
    let visits = 0;
    await work(async () => {
      visits += 1;
    });
    const began = performance.now();
    await slowDown(storage.store, queue(), 1_000);
    await add(5);
    await until(
      () => visits === 5,
      () => visits,
    );
    expect(performance.now() - began).toBeGreaterThan(500);
  });

  it('of one API never delays another', async () => {
    const other = `queue-${queues}.neptunedata`;
    await applyRate(storage.store, queue(), 0.2);
    // One in a hundred seconds: a slow machine gets to no fifth one either.
    await queue().setGlobalRateLimit(1, 100_000);
    await applyRate(storage.store, queue(other), 100);
    let [slow, fast] = [0, 0];
    await work(async () => void (slow += 1));
    await work(async () => void (fast += 1), other);
    await add(50);
    await add(50, other);
    await until(
      () => fast === 50,
      () => fast,
    );
    expect(slow).toBeLessThan(5);
  });

  it('lets new work in within a moment while 1,000 polls are due', async () => {
    await applyRate(storage.store, queue(), 50);
    let polls = 0;
    /** How many polls had begun when the new work did. */
    const begun = new Map<string, number>();
    await add(1_000);
    // As a visit ends: behind new work, and due again at once.
    await work(async (job, token) => {
      if (job.name === 'new') return void begun.set(job.id ?? '', polls);
      polls += 1;
      if (job.priority !== pollPriority) await job.changePriority({ priority: pollPriority });
      await job.moveToDelayed(Date.now() + 1, token);
      throw new DelayedError();
    });
    await queue().setGlobalRateLimit(10_000, 1_000);
    await until(
      () => polls >= 1_000,
      () => polls,
    );
    await queue().setGlobalRateLimit(50, 1_000);
    for (let i = 0; i < 3; i += 1) {
      await queue().add('new', {}, { jobId: `new-${i}` });
      const before = polls;
      await until(
        () => begun.has(`new-${i}`) || polls - before > concurrency,
        () => [...begun].join(),
      );
      // Only what the worker had taken already may still begin; behind the polls it would be all thousand.
      expect((begun.get(`new-${i}`) ?? Infinity) - before).toBeLessThanOrEqual(concurrency);
    }
  });
});
