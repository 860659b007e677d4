// What is noticed at the last moment before a change: a wish to cancel or a hold that came while a reset's token was fetched; and
// what a refused call says of whether anything was changed.
import { expect, it } from 'vitest';
import { operationOf } from '../../src/handlers/index.ts';
import { holdOff, holdOn } from '../../src/queue/hold.ts';
import { Driver } from '../support/driver.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

describeLifecycle('at the last moment', (suite) => {
  /** A worker to whose reset something happens as soon as its token is there. */
  function meanwhile(deed: () => Promise<unknown>): Driver {
    return new Driver(suite.outside, {
      resettable: suite.driver.resettable,
      operationOf: (name) => {
        const operation = operationOf(name);
        if (operation?.kind !== 'launch' || operation.arm === undefined) return operation;
        const { arm } = operation;
        return {
          ...operation,
          arm: async (visit, baseline) => {
            const token = await arm(visit, baseline);
            await deed();
            return token;
          },
        };
      },
    });
  }

  const full = () => suite.cluster({ dataPlane: true, instances: 1, data: 7 });
  const performed = (id: string) => suite.driver.effects('reset', `db-cluster/${id}`);
  const ask = (id: string) => suite.driver.ask('fast-reset', { dbClusterIdentifier: id, confirm: id });

  it('a reset that is cancelled while its token is fetched is not performed', async () => {
    const id = await full();
    const job = await ask(id);
    const worker = meanwhile(() => suite.driver.cancel(job.id));
    await worker.visit(job.id);
    expect(performed(id)).toBe(0);
    expect(await suite.driver.job(job.id)).toMatchObject({ phase: 'look', intents: 0 });
    const ended = await suite.driver.end(job.id);
    expect(ended.outcome).toMatchObject({ state: 'cancelled', changed: false });
    expect([performed(id), suite.driver.effects('initiate-reset', `db-cluster/${id}`)]).toEqual([0, 1]);
    worker.close();
  });

  it('a reset waits for a hold that is put on while its token is fetched, and then fetches another', async () => {
    const id = await full();
    const job = await ask(id);
    const { store } = suite.outside;
    const worker = meanwhile(() => holdOn(store, { target: 'all', by: 'somebody', reason: 'incident 42' }));
    await worker.visit(job.id);
    expect(performed(id)).toBe(0);
    expect(await suite.driver.job(job.id)).toMatchObject({
      phase: 'look',
      state: 'waiting',
      intents: 0,
      reason: 'A hold is on: no changing call starts.',
    });
    await holdOff(store, 'all');
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect([performed(id), suite.driver.effects('initiate-reset', `db-cluster/${id}`)]).toEqual([1, 2]);
    worker.close();
  });

  it('a call that failed for good has changed nothing if it was refused, and perhaps something if that isn’t known', async () => {
    const change = async (fault: { code: string; status: number }) => {
      const id = await suite.cluster();
      suite.switches.fault(fault, { action: 'StopDBCluster', times: 1 });
      return (await suite.driver.end((await suite.driver.ask('stop-db-cluster', { dbClusterIdentifier: id })).id))
        .outcome;
    };
    expect(await change({ code: 'SomethingNew', status: 400 })).toMatchObject({ state: 'failed', changed: false });
    // A request that timed out on the way may have arrived all the same.
    expect(await change({ code: 'SomethingOdd', status: 408 })).toMatchObject({ state: 'failed', changed: 'unknown' });
  });
});
