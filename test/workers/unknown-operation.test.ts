// Two versions of the service at once, as in every rolling deploy: a worker leaves jobs whose operation it doesn't know to
// one that does, and only the deadline ends them.
import { afterEach, expect, it } from 'vitest';
import { operationOf } from '../../src/handlers/index.ts';
import { type Turn, keyOf } from '../../src/records/job.ts';
import { Driver } from '../support/driver.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

describeLifecycle('a worker that does not know the operation', (suite) => {
  const { cluster } = suite;
  const closing: Driver[] = [];
  afterEach(() => closing.splice(0).forEach((driver) => driver.close()));

  /** One that knows everything but how to stop a cluster. */
  const older = (): Driver => {
    const driver = new Driver(suite.outside, {
      operationOf: (name) => (name === 'stop-db-cluster' ? undefined : operationOf(name)),
    });
    closing.push(driver);
    return driver;
  };
  const ask = (operation: string, id: string) =>
    suite.driver.ask(operation, { dbClusterIdentifier: id }, { onBusy: 'wait' });
  const holder = async (resource: string) =>
    ((await suite.outside.store.read([keyOf.turn(resource)])).records[0]?.value as Turn | undefined)?.job;
  const told = (driver: Driver) => driver.logged.filter((line) => line.includes('unknown operation'));

  it('leaves the job waiting, says so once, and one that knows it does it', async () => {
    const id = await cluster();
    const job = await ask('stop-db-cluster', id);
    const driver = older();
    for (let visits = 0; visits < 3; visits += 1) {
      const next = await driver.visit(job.id);
      expect(next).toMatchObject({ effect: { do: 'look-again', at: suite.outside.clock.now() + 10_000 } });
      suite.advance(10_000);
    }
    expect(await suite.driver.job(job.id)).toMatchObject({
      phase: 'look',
      state: 'waiting',
      reason: expect.stringContaining('“stop-db-cluster”'),
    });
    expect(told(driver)).toHaveLength(1);
    expect(suite.driver.requests({ resource: `db-cluster/${id}` })).toEqual([]);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(suite.driver.effects('stop-db-cluster', `db-cluster/${id}`)).toBe(1);
  });

  it('takes nothing away from what another has begun', async () => {
    const id = await cluster();
    const job = await ask('stop-db-cluster', id);
    const begun = await suite.driver.until(job.id, 'follow');
    await older().visit(job.id);
    const { phase, state, intent, intents, status, changed } = await suite.driver.job(job.id);
    expect({ phase, state, intent, intents, status, changed }).toEqual({
      phase: 'follow',
      state: 'running',
      intent: begun.intent,
      intents: 1,
      status: begun.status,
      changed: true,
    });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(suite.driver.effects('stop-db-cluster', `db-cluster/${id}`)).toBe(1);
  });

  it('ends it at its deadline, with an event, and gives its turn on', async () => {
    const id = await cluster();
    const job = await ask('stop-db-cluster', id);
    const behind = await ask('start-db-cluster', id);
    const driver = older();
    const ended = await driver.end(job.id);
    expect(ended).toMatchObject({
      event: 'sent',
      outcome: { state: 'failed', changed: false, code: 'unknown-operation' },
    });
    expect(ended.finishedAt).toBe(job.deadline);
    expect(told(driver)).toHaveLength(1);
    expect((await driver.job(behind.id)).outcome).toBeDefined();
    expect(driver.events(job.id)).toHaveLength(1);
  });

  it('takes up a wish to cancel it', async () => {
    const job = await ask('stop-db-cluster', await cluster());
    const driver = older();
    await driver.visit(job.id);
    await driver.cancel(job.id);
    expect((await driver.end(job.id)).outcome).toMatchObject({ state: 'cancelled', changed: false });
    expect((await driver.job(job.id)).finishedAt).toBeLessThan(job.deadline);
  });

  it('leaves a job in its line', async () => {
    const id = await cluster();
    await ask('start-db-cluster', id);
    const behind = await ask('stop-db-cluster', id);
    expect(await older().visit(behind.id)).toMatchObject({ effect: { do: 'nothing' }, job: { phase: 'line' } });
    expect((await suite.driver.end(behind.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
  });

  it('neither ends a job that rests a second time, nor gives its turn on while its resource may move', async () => {
    const id = await cluster();
    suite.account.durations.stopMs = 600_000;
    const job = await ask('stop-db-cluster', id);
    await suite.driver.until(job.id, 'follow');
    await suite.driver.cancel(job.id);
    await suite.driver.drive(async () => (await suite.driver.job(job.id)).event === 'sent');
    const driver = older();
    expect(await driver.visit(job.id)).toMatchObject({ effect: { do: 'rest' } });
    expect(await holder(job.resource)).toBe(job.id);
    await driver.drive();
    suite.account.durations.stopMs = 4_000;
    // Nobody who knew it came until its deadline.
    expect(suite.outside.clock.now()).toBeGreaterThanOrEqual(job.deadline);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'cancelled', phase: 'over', event: 'sent' });
    expect(await holder(job.resource)).toBeUndefined();
    expect(suite.driver.events(job.id)).toHaveLength(1);
  });
});
