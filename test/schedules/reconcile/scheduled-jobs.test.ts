// What became of the schedules' own jobs: later and later when they fail, left alone when a person cancels them.
import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../../src/errors.ts';
import { keyOf } from '../../../src/records/job.ts';
import { keepOn } from '../../../src/schedules/exceptions.ts';
import { nextBackoff, updateTask, isRefusal, requestFor } from '../../../src/schedules/reconcile/scheduled-jobs.ts';
import type { Backoff } from '../../../src/schedules/managed-resource.ts';
import { inMemory } from '../../support/memory-store.ts';
import { type Account, useGround } from '../account.ts';
import { hour, minute, office, managed } from '../sleeping.ts';
import { endedJob, followedJob } from '../../support/jobs.ts';

describe('a setback', () => {
  it('doubles the pause each time, up to six hours', () => {
    let setback: Backoff | undefined;
    const pauses = Array.from({ length: 9 }, () => {
      setback = nextBackoff(setback, 'running', 'no', 0);
      return setback.again / minute;
    });
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 360, 360]);
  });

  it('is none while a job runs, and none when its record is lost', () => {
    const busy = managed({ task: { goal: 'stopped', job: 'j', at: 0 } });
    expect(updateTask(busy, followedJob(), 1, undefined)).toBe(busy);
    expect(updateTask(busy, undefined, 1, undefined)).toEqual(managed());
  });

  it('is left by a job that ended as it should not', () => {
    const busy = managed({ task: { goal: 'snapshot', job: 'j', at: 0 } });
    const ended = (state: 'failed' | 'cancelled' | 'timed-out' | 'succeeded', boundary?: number) =>
      updateTask(
        busy,
        endedJob({ state, finishedAt: 5, outcome: { state, changed: false, reason: 'no room' } }),
        10,
        boundary,
      );
    expect(ended('failed').setback).toEqual({
      goal: 'stopped',
      count: 1,
      again: 10 + 5 * minute,
      what: 'job j failed: no room',
    });
    expect(ended('timed-out').setback?.what).toBe('job j timed-out: no room');
    expect(ended('cancelled', 77).setback).toMatchObject({ count: 0, again: 77 });
    expect(ended('cancelled').setback).toMatchObject({ again: 10 + 6 * hour });
    expect(ended('succeeded')).toEqual(managed());
    const stopped = { ...busy, done: { goal: 'stopped', job: 'i', at: 3 } } as const;
    const outcome = { state: 'succeeded', changed: true } as const;
    // What follows the stop takes a snapshot of its own.
    expect(updateTask(stopped, endedJob({ finishedAt: 5, outcome }), 10, undefined).done?.job).toBe('i');
  });

  it('is not made of a store that is gone', () => {
    expect(isRefusal(new ServiceError('store-unreachable', ''))).toBe(false);
    expect(isRefusal(new ServiceError('invalid-input', ''))).toBe(true);
    expect(isRefusal(new TypeError())).toBe(false);
  });
});

it('asks for the operation that leads to the goal', () => {
  const graph = { kind: 'graph', id: 'g-0123456789', target: 'east' } as const;
  expect(requestFor(graph, 'snapshot', '202611271900')).toEqual({
    operation: 'create-graph-snapshot',
    target: 'east',
    input: { graphIdentifier: 'g-0123456789', snapshotName: 'sleep-g-0123456789-202611271900' },
  });
  expect(requestFor(managed(), 'running', '')).toEqual({
    operation: 'start-db-cluster',
    target: 'default',
    input: { dbClusterIdentifier: 'dev-1' },
  });
});

describe.each([inMemory])('on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  beforeEach(() => {
    account = ground().account('18:50');
    account.schedule(office(['dev-*']));
    account.add('dev-1');
    account.works = false;
  });
  const latest = async () => (await account.jobs()).at(-1)?.id ?? '';
  const count = async () => (await account.jobs()).length;

  it('is asked for again when it failed, after a pause that grows', async () => {
    account.tickMs = minute;
    await account.until('19:00');
    await account.end(await latest(), 'failed', 'no');
    await account.until('19:05');
    expect(await count()).toBe(1);
    await account.until('19:07');
    expect(await count()).toBe(2);
    await account.end(await latest(), 'timed-out', 'no');
    await account.until('19:17');
    expect(await count()).toBe(2);
    await account.until('19:19');
    expect(await count()).toBe(3);
  });

  it('is left alone until the next boundary when a person cancelled it', async () => {
    await account.until('19:00');
    await account.end(await latest(), 'cancelled');
    await account.until('06:50');
    expect(await count()).toBe(1);
    account.works = true;
    await account.until('19:10');
    expect(account.things.get('dev-1')?.condition).toBe('stopping');
  });

  it('says nothing about the other direction: a lease starts what could not be stopped', async () => {
    await account.until('19:00');
    await account.end(await latest(), 'cancelled');
    await account.until('19:10');
    Object.assign(account.things.get('dev-1') ?? {}, { condition: 'stopped' });
    const until = account.clock.now() + hour;
    await keepOn(account.store, { resource: 'default/db-cluster/dev-1', until, by: 'ann', reason: 'demo' });
    await account.until('19:20');
    expect((await account.jobs()).at(-1)?.operation).toBe('start-db-cluster');
  });

  it('is asked for again when its record was dropped', async () => {
    await account.until('19:00');
    const id = await latest();
    const { value } = (await account.store.read([keyOf.job(id)])).records[0] as {
      value: { request: string; resource: string };
    };
    const { records } = await account.store.read([
      keyOf.job(id),
      keyOf.turn(value.resource),
      keyOf.request(value.request),
    ]);
    await account.store.commit(records.flatMap((was) => (was ? [{ op: 'delete' as const, was }] : [])));
    await account.until('19:10');
    expect(await latest()).not.toBe(id);
    expect(await count()).toBe(1);
  });

  it('waits while another job has the resource, without a setback', async () => {
    await account.main.deps.enqueue({
      operation: 'create-db-cluster-snapshot',
      input: { dbClusterIdentifier: 'dev-1', dbClusterSnapshotIdentifier: 'by-hand' },
    });
    await account.until('19:30');
    expect(await count()).toBe(1);
    expect(await account.managed('dev-1')).not.toHaveProperty('setback');
    await account.end(await latest(), 'succeeded');
    await account.until('19:40');
    expect(await count()).toBe(2);
  });

  it('never stops into the morning: the deadline is the boundary, or two hours', async () => {
    await account.until('19:00');
    const deadline = async () => new Date((await account.job(await latest())).deadline).toISOString().slice(11, 16);
    expect(await deadline()).toBe('21:00');
    await account.end(await latest(), 'failed', 'no');
    account.things.get('dev-1')!.condition = 'changing';
    await account.until('06:00');
    account.things.get('dev-1')!.condition = 'running';
    await account.until('06:10');
    expect(await deadline()).toBe('07:00');
  });
});
