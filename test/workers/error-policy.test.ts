// Faults, by class: what passes costs nothing but time, what doesn't ends the job in AWS's own words, and bugs of ours and
// deaths of workers have small budgets.
import { expect, it } from 'vitest';
import { operationOf } from '../../src/handlers/index.ts';
import { visitJob } from '../../src/workers/lifecycle.ts';
import { Driver } from '../support/driver.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';
import type { Aws } from '../../src/aws/clients.ts';
import type { JsonObject, Launch } from '../../src/operation.ts';

describeLifecycle('a fault', (suite) => {
  const { cluster, advance } = suite;
  const stop = (id: string, more = {}) => suite.driver.ask('stop-db-cluster', { dbClusterIdentifier: id }, more);
  const stops = (id: string) => suite.driver.effects('stop-db-cluster', `db-cluster/${id}`);
  const calls = (id: string) => suite.driver.requests({ action: 'StopDBCluster', resource: `db-cluster/${id}` }).length;

  it.each(['DescribeDBClusters', 'StopDBCluster'])(
    'throttling of %s slows the queue down, and the job loses nothing',
    async (action) => {
      const id = await cluster();
      suite.switches.throttle({ action, times: 7 });
      const { outcome, trouble } = await suite.driver.end((await stop(id)).id);
      expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
      expect(suite.driver.visits.filter(({ effect }) => effect.do === 'look-again' && effect.throttled)).toHaveLength(
        7,
      );
      expect([stops(id), trouble.bugs]).toEqual([1, 0]);
    },
  );

  it('is what a job says that keeps it, until it has passed', async () => {
    const id = await cluster();
    const { id: job } = await stop(id);
    suite.switches.fault(
      { code: 'ServiceUnavailable', message: 'not now' },
      { action: 'DescribeDBClusters', times: 2 },
    );
    const reason = 'The last visit met trouble, and is made again: ServiceUnavailable: not now';
    await suite.driver.visit(job);
    expect(await suite.driver.job(job)).toMatchObject({ state: 'waiting', reason });
    await suite.driver.until(job, 'follow');
    expect((await suite.driver.job(job)).reason).toBeUndefined();
    suite.switches.fault(
      { code: 'ServiceUnavailable', message: 'not now' },
      { action: 'DescribeDBClusters', times: 1 },
    );
    await suite.driver.visit(job);
    expect(await suite.driver.job(job)).toMatchObject({ state: 'running', reason });
  });

  it('a hundred faults that pass do not end the job', async () => {
    const id = await cluster();
    suite.switches.fault({ code: 'ServiceUnavailable' }, { action: 'DescribeDBClusters', times: 60 });
    suite.switches.drop({}, { action: 'DescribeDBClusters', times: 40 });
    expect((await suite.driver.end((await stop(id)).id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(stops(id)).toBe(1);
  });

  it('faults in a row are met with longer and longer waits, up to a minute', async () => {
    const id = await cluster();
    suite.switches.fault({ code: 'InternalFailure' }, { action: 'DescribeDBClusters', times: 12 });
    await suite.driver.end((await stop(id)).id);
    const times = suite.driver
      .requests({ action: 'DescribeDBClusters', resource: `db-cluster/${id}` })
      .map(({ at }) => at);
    const waits = times.slice(1, 12).map((at, i) => at - (times[i] ?? 0));
    expect(waits[0]).toBeLessThan(1_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(61_000);
    expect(waits.at(-1)).toBeGreaterThan(10_000);
    for (const [i, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual((waits[i - 1] ?? 0) - 500);
  });

  it.each(['ExpiredToken', 'InvalidClientTokenId', 'SignatureDoesNotMatch'])(
    'wrong credentials (%s) are reported and waited out, for longer',
    async (code) => {
      const id = await cluster();
      suite.switches.fault({ code }, { api: 'neptune', times: 3 });
      const { outcome, startedAt = 0, createdAt, finishedAt = 0 } = await suite.driver.end((await stop(id)).id);
      expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
      expect(suite.driver.credentials).toBe(3);
      expect(finishedAt - createdAt).toBeGreaterThan(20_000);
      expect(startedAt - createdAt).toBeLessThan(1_000);
    },
  );

  it('a signature that expired on the way means not done, never failed', async () => {
    const id = await cluster();
    suite.switches.fault(
      { code: 'SignatureDoesNotMatch', message: 'Signature expired' },
      { action: 'StopDBCluster', times: 1 },
    );
    expect((await suite.driver.end((await stop(id)).id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect([calls(id), stops(id)]).toEqual([2, 1]);
  });

  it('mistake 8: what is refused for good ends the job at once, with the code, the words and the request of AWS', async () => {
    const id = await cluster();
    suite.switches.fault({ code: 'AccessDenied', message: 'not you' }, { action: 'StopDBCluster' });
    const { outcome } = await suite.driver.end((await stop(id)).id);
    expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'AccessDenied', reason: 'not you' });
    expect(outcome?.requestId).toEqual(expect.any(String));
    expect(calls(id)).toBe(1);
  });

  it('a permanent fault while following ends the job, and owns up to the change', async () => {
    const id = await cluster();
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    suite.switches.fault({ code: 'AccessDenied' }, { action: 'DescribeDBClusters', times: 1 });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({
      state: 'failed',
      changed: true,
      code: 'AccessDenied',
    });
  });

  it('a refusal after a lost answer does not deny what may have happened', async () => {
    const id = await cluster();
    suite.switches.drop({}, { action: 'StopDBCluster', times: 1 });
    const job = await stop(id);
    await suite.driver.until(job.id, 'settle');
    suite.switches.fault({ code: 'AccessDenied' }, { action: 'StopDBCluster', times: 1 });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({
      state: 'failed',
      changed: 'unknown',
      code: 'AccessDenied',
    });
  });

  it('a bug of ours is met three times, then the job fails, and its event is sent', async () => {
    const id = await cluster();
    let met = 0;
    const buggy = new Driver(suite.outside, {
      operationOf: (name) => {
        const operation = operationOf(name);
        const prepare = () => {
          met += 1;
          return Promise.reject(new TypeError('undefined is not a function'));
        };
        return operation && { ...operation, prepare };
      },
    });
    const job = await buggy.end((await stop(id)).id);
    expect(job).toMatchObject({ state: 'failed', event: 'sent', outcome: { code: 'internal-error', changed: false } });
    expect(met).toBe(3);
    expect(buggy.events(job.id)).toHaveLength(1);
    buggy.close();
  });

  it('a job over which workers die again and again is given up, and its event is sent', async () => {
    const id = await cluster();
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    suite.driver.stalls.set(job.id, 4);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'running' });
    suite.driver.stalls.set(job.id, 9);
    await suite.driver.visit(job.id);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({
      state: 'failed',
      changed: true,
      code: 'crashed-repeatedly',
    });
    expect(suite.driver.events(job.id)).toHaveLength(1);
  });

  it('deaths that lie far apart are not added up', async () => {
    const id = await cluster();
    suite.account.durations.stopMs = 1_800_000;
    const job = await stop(id);
    let deaths = 0;
    await suite.driver.drive(() => {
      suite.driver.stalls.set(job.id, (deaths += 1));
      return false;
    });
    suite.account.durations.stopMs = 4_000;
    expect(deaths).toBeGreaterThan(20);
    expect((await suite.driver.job(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
  });

  it('mistake 12: what nobody visited when it was due is done late, not dropped', async () => {
    const id = await cluster();
    const deadline = new Date(suite.outside.clock.now() + 3 * 86_400_000).toISOString();
    const job = await stop(id, { deadline });
    advance(86_400_000);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
  });

  it('mistake 12: what nobody visited until its deadline ends with an event, and changes nothing', async () => {
    const id = await cluster();
    const job = await stop(id);
    advance(86_400_000);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'timed-out', changed: false });
    expect(suite.driver.events(job.id)).toHaveLength(1);
    expect(calls(id)).toBe(0);
  });

  it.each(['prepare', 'arm'] as const)(
    'a deadline that passes during the last reads before the change (%s) is the end: the change is not asked for',
    async (step) => {
      const id = await cluster({ dataPlane: true, data: 3 });
      const late = new Driver(suite.outside, {
        resettable: suite.driver.resettable,
        operationOf: (name) => {
          const operation = operationOf(name);
          const reads = (operation as Launch<Aws, JsonObject> | undefined)?.[step];
          if (operation === undefined || reads === undefined) return operation;
          const slowly = async (...given: never[]) => {
            const seen = await (reads as (...given: never[]) => Promise<unknown>).apply(operation, given);
            advance(job.deadline - suite.outside.clock.now());
            return seen;
          };
          return { ...operation, [step]: slowly } as typeof operation;
        },
      });
      const job = await suite.driver.ask('fast-reset', { dbClusterIdentifier: id, confirm: id });
      await late.visit(job.id);
      expect(await suite.driver.job(job.id)).toMatchObject({ phase: 'look', intents: 0 });
      const ended = await late.end(job.id);
      expect(ended.outcome).toMatchObject({ state: 'timed-out', changed: false, code: 'deadline-passed' });
      expect(ended.intents).toBe(0);
      const token = { actions: suite.driver.effects('initiate-reset', `db-cluster/${id}`) };
      expect(token.actions).toBe(step === 'arm' ? 1 : 0);
      expect(suite.driver.effects('reset', `db-cluster/${id}`)).toBe(0);
      late.close();
    },
  );

  it('a job whose target is gone ends with an event', async () => {
    const job = await stop(await cluster());
    const world = { ...suite.driver.deps, awsOf: () => undefined };
    await visitJob(world, job.id, { holds: () => Promise.resolve(true), stalls: 0 });
    expect(await suite.driver.end(job.id)).toMatchObject({
      event: 'sent',
      outcome: { state: 'failed', changed: false, code: 'unknown-target' },
    });
  });

  it('events that SQS can not take now are kept and sent later; the job has ended all the same', async () => {
    const id = await cluster({ status: 'stopped' });
    suite.switches.fault({ code: 'ServiceUnavailable' }, { api: 'sqs', times: 4 });
    const job = await stop(id);
    await suite.driver.until(job.id, 'over');
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'succeeded', event: 'pending' });
    expect((await suite.driver.end(job.id)).event).toBe('sent');
    expect(new Set(suite.driver.events(job.id).map(({ body }) => body)).size).toBe(1);
  });

  it('an event that SQS refuses for good is kept as refused', async () => {
    const id = await cluster({ status: 'stopped' });
    suite.switches.fault({ code: 'InvalidMessageContents' }, { api: 'sqs', times: 1 });
    expect((await suite.driver.end((await stop(id)).id)).event).toBe('refused');
  });
});
