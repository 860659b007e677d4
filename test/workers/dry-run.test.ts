// What a dry run tells of the present state, and that it changes and stores nothing.
import { expect, it } from 'vitest';
import { operationOf } from '../../src/handlers/index.ts';
import type { JsonObject, Operation } from '../../src/operation.ts';
import { holdOff, holdOn } from '../../src/queue/hold.ts';
import { indexOf } from '../../src/records/job.ts';
import { createDryRun } from '../../src/workers/dry-run.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

describeLifecycle('a dry run', (suite) => {
  const dryRun = (name: string, input: JsonObject) => {
    const operation = operationOf(name) as unknown as Operation;
    return createDryRun(suite.driver.deps)({ operation, target: 'default', input });
  };

  it('says what would be called, and which IAM actions that takes', async () => {
    const id = await suite.cluster();
    expect(await dryRun('stop-db-cluster', { dbClusterIdentifier: id })).toEqual({
      operation: 'stop-db-cluster',
      target: 'default',
      resource: `default/db-cluster/${id}`,
      status: 'available',
      verdict: 'ready',
      wouldCall: ['rds:StopDBCluster'],
      whyNot: null,
      actions: ['rds:StopDBCluster', 'rds:DescribeDBClusters'],
    });
    expect(suite.driver.effects('stop-db-cluster', `db-cluster/${id}`)).toBe(0);
  });

  it.each([
    ['stopped', 'Nothing is to be done: it is stopped already.'],
    ['stopping', 'It is under way already: stopping.'],
    ['backing-up', 'It would wait: backing-up passes by itself.'],
    ['deleting', 'The cluster is being deleted.'],
  ])('says why nothing would be asked of AWS while a cluster is %s', async (status, whyNot) => {
    const id = await suite.cluster();
    suite.account.outsider.setClusterStatus(id, status, { forMs: 600_000 });
    expect(await dryRun('stop-db-cluster', { dbClusterIdentifier: id })).toMatchObject({ wouldCall: [], whyNot });
  });

  it('names the job that has the turn, and a hold', async () => {
    const id = await suite.cluster();
    await holdOn(suite.outside.store, { target: 'all', by: 'somebody', reason: 'x' });
    expect((await dryRun('stop-db-cluster', { dbClusterIdentifier: id })).whyNot).toContain('hold');
    await holdOff(suite.outside.store, 'all');
    const job = await suite.driver.ask('stop-db-cluster', { dbClusterIdentifier: id });
    expect((await dryRun('start-db-cluster', { dbClusterIdentifier: id })).whyNot).toContain(job.id);
  });

  it('stores nothing, initiates no reset, and says so when AWS could not be asked', async () => {
    const id = await suite.cluster({ dataPlane: true, data: 3 });
    const before = await suite.outside.store.count(indexOf.jobs);
    expect(await dryRun('fast-reset', { dbClusterIdentifier: id, confirm: id })).toMatchObject({
      wouldCall: ['neptune-db:ResetDatabase'],
    });
    expect(suite.driver.requests({ action: 'ExecuteFastReset' })).toEqual([]);
    suite.switches.throttle({ api: 'neptune' });
    await expect(dryRun('stop-db-cluster', { dbClusterIdentifier: id })).rejects.toMatchObject({ code: 'aws-refused' });
    expect(await suite.outside.store.count(indexOf.jobs)).toBe(before);
  });
});
