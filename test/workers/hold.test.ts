// The emergency brake: no changing call starts while it is on, and looking goes on.
import { expect, it } from 'vitest';
import { holdOff, holdOn } from '../../src/queue/hold.ts';
import type { History } from '../../src/records/history.ts';
import { keyOf, readJob } from '../../src/records/job.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

describeLifecycle('a hold', (suite) => {
  const { cluster, advance } = suite;
  const store = () => suite.outside.store;
  const stop = (id: string) => suite.driver.ask('stop-db-cluster', { dbClusterIdentifier: id });
  const calls = (id: string) => suite.driver.requests({ action: 'StopDBCluster', resource: `db-cluster/${id}` }).length;

  it.each(['all', 'default'])(
    'on %s lets no change start, says so on the job, and is over when it is taken off',
    async (target) => {
      const id = await cluster();
      await holdOn(store(), { target, by: 'somebody', reason: 'incident 42' });
      const job = await stop(id);
      for (let visits = 0; visits < 3; visits += 1) {
        await suite.driver.visit(job.id);
        advance(60_000);
      }
      expect(calls(id)).toBe(0);
      expect(await suite.driver.job(job.id)).toMatchObject({
        state: 'waiting',
        status: 'available',
        reason: 'A hold is on: no changing call starts.',
      });
      await holdOff(store(), target);
      expect((await suite.driver.end(job.id)).state).toBe('succeeded');
      expect(calls(id)).toBe(1);
    },
  );

  it('on another target holds nothing here', async () => {
    await holdOn(store(), { target: 'prod', by: 'somebody', reason: 'x' });
    const job = await stop(await cluster());
    expect((await suite.driver.end(job.id)).state).toBe('succeeded');
    await holdOff(store(), 'prod');
  });

  it('lets what was asked of AWS already be followed to its end', async () => {
    const id = await cluster();
    const job = await stop(id);
    await suite.driver.visit(job.id);
    expect(calls(id)).toBe(1);
    await holdOn(store(), { target: 'all', by: 'somebody', reason: 'x' });
    expect((await suite.driver.end(job.id)).state).toBe('succeeded');
    await holdOff(store(), 'all');
  });

  it('initiates no reset, which would void somebody else’s token', async () => {
    await holdOn(store(), { target: 'all', by: 'somebody', reason: 'x' });
    const id = await cluster({ data: 5, dataPlane: true });
    const job = await suite.driver.ask('fast-reset', { dbClusterIdentifier: id, confirm: id });
    await suite.driver.visit(job.id);
    expect(suite.driver.requests({ action: 'ExecuteFastReset' })).toEqual([]);
    await holdOff(store(), 'all');
  });

  it('is not in the way of a job that is cancelled', async () => {
    await holdOn(store(), { target: 'all', by: 'somebody', reason: 'x' });
    const job = await stop(await cluster());
    await suite.driver.visit(job.id);
    await suite.driver.cancel(job.id);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'cancelled', changed: false });
    await holdOff(store(), 'all');
  });

  it('leaves a history that tells each change of state once, in order', async () => {
    const job = await stop(await cluster());
    await suite.driver.end(job.id);
    await suite.driver.drive();
    const [history] = (await store().read([keyOf.history(job.id)])).records;
    const told = history?.value as History;
    expect(told.map(({ state }) => state)).toEqual(expect.arrayContaining(['queued', 'running', 'succeeded']));
    expect(told.at(-1)).toMatchObject({ state: 'succeeded', event: 'sent' });
    expect(told.map(({ n }) => n)).toEqual(told.map(({ n }) => n).toSorted((a, b) => a - b));
    expect((await readJob(store(), job.id)).job?.value.transition).toBe(told.at(-1)?.n);
  });
});
