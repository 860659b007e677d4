// Cancelling: before the intent nothing is called; after it the service only stops following, and the turn rests with the
// resource. An event that is out is never contradicted.
import { expect, it } from 'vitest';
import { operationOf } from '../../src/handlers/index.ts';
import { type Turn, indexOf, keyOf } from '../../src/records/job.ts';
import { Driver } from '../support/driver.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

describeLifecycle('cancelling', (suite) => {
  const { cluster, advance } = suite;
  const stop = (id: string) => suite.driver.ask('stop-db-cluster', { dbClusterIdentifier: id });
  const start = (id: string) => suite.driver.ask('start-db-cluster', { dbClusterIdentifier: id }, { onBusy: 'wait' });
  const calls = (id: string) => suite.driver.requests({ action: 'StopDBCluster', resource: `db-cluster/${id}` }).length;
  const holder = async (resource: string) =>
    ((await suite.outside.store.read([keyOf.turn(resource)])).records[0]?.value as Turn | undefined)?.job;

  it('before the first look asks nothing of AWS, and frees the turn at once', async () => {
    const id = await cluster();
    const job = await stop(id);
    await suite.driver.cancel(job.id);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({
      state: 'cancelled',
      phase: 'over',
      outcome: { changed: false, code: 'cancelled' },
    });
    expect(await holder(job.resource)).toBeUndefined();
    await suite.driver.drive();
    expect(suite.driver.requests({ resource: `db-cluster/${id}` })).toEqual([]);
    expect(suite.driver.events(job.id).map(({ type }) => type)).toEqual(['neptune-ops.job.cancelled']);
  });

  it('between the look and the intent is obeyed: the call is not made', async () => {
    const id = await cluster();
    const job = await stop(id);
    const meddling = new Driver(suite.outside, {
      operationOf: (name) => {
        const operation = operationOf(name);
        return (
          operation && {
            ...operation,
            prepare: async (visit) => {
              const seen = await operation.prepare(visit);
              await suite.driver.cancel(job.id);
              return seen;
            },
          }
        );
      },
    });
    await meddling.visit(job.id);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'cancelled', changed: false });
    expect(calls(id)).toBe(0);
    meddling.close();
  });

  it('while the call is out does not spoil its answer', async () => {
    const id = suite.graph();
    const job = await suite.driver.ask('create-graph-snapshot', {
      graphIdentifier: id,
      snapshotName: `n${id.slice(2)}`,
    });
    suite.driver.atGate = async () => {
      await suite.driver.cancel(job.id);
      return true;
    };
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({
      phase: 'follow',
      changed: true,
      handle: { id: expect.any(String) },
    });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'cancelled', changed: true });
  });

  it('after the intent stops following, says so at once, and keeps the turn until the cluster rests', async () => {
    const id = await cluster();
    suite.account.durations.stopMs = 600_000;
    const job = await stop(id);
    const behind = await start(id);
    await suite.driver.until(job.id, 'follow');
    await suite.driver.cancel(job.id);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({
      state: 'cancelled',
      phase: 'rest',
      outcome: { changed: true },
    });
    await suite.driver.drive(async () => (await suite.driver.job(job.id)).event === 'sent');
    expect(await holder(job.resource)).toBe(job.id);
    await suite.driver.drive(() => suite.outside.clock.now() > job.createdAt + 300_000);
    expect(await holder(job.resource)).toBe(job.id);
    expect(await suite.driver.job(behind.id)).toMatchObject({ phase: 'line' });
    const started = await suite.driver.end(behind.id);
    suite.account.durations.stopMs = 4_000;
    expect(started.outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(started.startedAt ?? 0).toBeGreaterThan(job.createdAt + 600_000);
    expect(await suite.driver.job(job.id)).toMatchObject({ phase: 'over', state: 'cancelled', event: 'sent' });
    expect(suite.driver.events(job.id)).toHaveLength(1);
    expect(await holder(job.resource)).toBeUndefined();
  });

  it('a turn rests until the deadline at the latest', async () => {
    const id = await cluster();
    suite.account.durations.stopMs = 5 * 3_600_000;
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    await suite.driver.cancel(job.id);
    await suite.driver.drive();
    suite.account.durations.stopMs = 4_000;
    expect(await holder(job.resource)).toBeUndefined();
    expect(suite.outside.clock.now()).toBeGreaterThanOrEqual(job.deadline);
    expect(suite.outside.clock.now()).toBeLessThan(job.deadline + 60_000);
  });

  it('a turn rests while the cluster can not be read', async () => {
    const id = await cluster();
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    await suite.driver.cancel(job.id);
    await suite.driver.visit(job.id);
    suite.switches.fault({ code: 'AccessDenied' }, { action: 'DescribeDBClusters', times: 3 });
    await suite.driver.visit(job.id);
    expect(await holder(job.resource)).toBe(job.id);
    await suite.driver.drive();
    expect(await holder(job.resource)).toBeUndefined();
  });

  it('after a lost answer does not claim to know, and the turn rests until the change would have shown', async () => {
    const id = await cluster();
    suite.switches.drop({}, { action: 'StopDBCluster', times: 1 });
    const job = await stop(id);
    await suite.driver.until(job.id, 'settle');
    await suite.driver.cancel(job.id);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({
      phase: 'rest',
      outcome: { state: 'cancelled', changed: 'unknown' },
    });
    await suite.driver.drive();
    expect(await holder(job.resource)).toBeUndefined();
    expect(suite.outside.clock.now()).toBeGreaterThan(job.createdAt + 30_000);
    expect(calls(id)).toBe(1);
  });

  it('twice is the same as once; what has ended can not be cancelled', async () => {
    const id = await cluster();
    const job = await stop(id);
    await suite.driver.cancel(job.id);
    await suite.driver.cancel(job.id);
    await suite.driver.drive();
    await expect(suite.driver.cancel(job.id)).rejects.toMatchObject({ code: 'already-ended' });
    await expect(suite.driver.cancel('nobody')).rejects.toMatchObject({ code: 'job-not-found' });
    expect(suite.driver.events(job.id)).toHaveLength(1);
    expect(await suite.outside.store.count(indexOf.cancels)).toBe(0);
  });

  it('the event says the same whenever it is sent, also while the turn still rests', async () => {
    const id = await cluster();
    suite.account.durations.stopMs = 600_000;
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    await suite.driver.cancel(job.id);
    suite.switches.fault({ code: 'InternalFailure', when: 'after' }, { api: 'sqs', times: 12 });
    await suite.driver.drive();
    suite.account.durations.stopMs = 4_000;
    const events = suite.driver.events(job.id);
    expect(events.length).toBeGreaterThan(10);
    expect(new Set(events.map(({ body }) => body)).size).toBe(1);
  });

  it('workers that die while the turn rests do not give it on, however many died before and over time', async () => {
    const id = await cluster();
    suite.account.durations.stopMs = 600_000;
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    // Four deaths over the job itself, and the fifth visit ends it.
    suite.driver.stalls.set(job.id, 4);
    await suite.driver.cancel(job.id);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({ phase: 'rest', state: 'cancelled' });
    let deaths = 4;
    let visits = 0;
    await suite.driver.drive(async () => {
      if ((await suite.driver.job(job.id)).phase !== 'rest') return true;
      expect(await holder(job.resource)).toBe(job.id);
      suite.driver.stalls.set(job.id, (deaths += 1));
      visits += 1;
      return false;
    });
    suite.account.durations.stopMs = 4_000;
    expect(visits).toBeGreaterThan(10);
    expect(suite.outside.clock.now()).toBeGreaterThan(job.createdAt + 600_000);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'cancelled', phase: 'over', event: 'sent' });
    expect(suite.driver.events(job.id)).toHaveLength(1);
  });

  it('workers that die five times in a row over a turn that rests give it on, and the job’s end stands', async () => {
    const id = await cluster();
    suite.account.durations.stopMs = 600_000;
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    await suite.driver.cancel(job.id);
    await suite.driver.visit(job.id);
    suite.driver.stalls.set(job.id, 5);
    await suite.driver.visit(job.id);
    suite.account.durations.stopMs = 4_000;
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'cancelled', phase: 'over' });
    expect(await holder(job.resource)).toBeUndefined();
  });

  it('a wish that comes after a long silence is taken up at the next visit', async () => {
    const id = await cluster({ status: 'modifying', statusMs: 5_000_000 });
    const job = await stop(id);
    await suite.driver.visit(job.id);
    await suite.driver.cancel(job.id);
    advance(60_000);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({
      state: 'cancelled',
      changed: false,
      status: 'modifying',
    });
    expect(calls(id)).toBe(0);
  });
});
