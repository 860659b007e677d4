// Snapshots of DB clusters: the snapshot itself is followed, a taken name is told, an earlier effect is adopted.
import { expect, it } from 'vitest';
import { createDbClusterSnapshot } from '../../src/handlers/create-db-cluster-snapshot.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

const action = 'CreateDBClusterSnapshot';
const obstacles = Object.keys(createDbClusterSnapshot.states).filter(
  (status) => createDbClusterSnapshot.states[status] === 'obstacle',
);

describeLifecycle('a cluster snapshot', (suite) => {
  const { cluster, advance } = suite;
  const nameFor = (id: string) => `s-${id}`;
  const ask = (id: string, name = nameFor(id)) =>
    suite.driver.ask('create-db-cluster-snapshot', {
      dbClusterIdentifier: id,
      dbClusterSnapshotIdentifier: name,
      tags: { team: 'search' },
    });
  const made = (id: string) => suite.driver.effects('create-db-cluster-snapshot', `db-cluster/${id}`);
  const calls = (id: string) => suite.driver.requests({ action, resource: `db-cluster/${id}` }).length;
  const snapshotOf = (id: string) => suite.account.clusterSnapshots.get(nameFor(id));
  const ago = (ms: number) => suite.outside.clock.now() - ms;

  it('is taken with its tags, followed itself, and told with its ARN and size', async () => {
    const id = await cluster();
    const { outcome } = await suite.driver.end((await ask(id.toUpperCase(), nameFor(id).toUpperCase())).id);
    expect(outcome).toMatchObject({
      state: 'succeeded',
      changed: true,
      status: 'available',
      result: {
        dbClusterSnapshotIdentifier: nameFor(id),
        dbClusterSnapshotArn: snapshotOf(id)?.arn,
        dbClusterIdentifier: id,
        status: 'available',
        percentProgress: 100,
        allocatedStorage: 1,
      },
    });
    expect(snapshotOf(id)?.tags).toEqual({ team: 'search' });
    expect(made(id)).toBe(1);
  });

  it("mistake 5: the cluster's own available is not taken for the snapshot's", async () => {
    const id = await cluster();
    suite.account.durations.snapshotMs = 600_000;
    const job = await ask(id);
    await suite.driver.until(job.id, 'follow');
    advance(300_000);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'running', status: 'creating' });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', status: 'available' });
    suite.account.durations.snapshotMs = 3_000;
  });

  it('a read that does not know the new snapshot yet is not its end', async () => {
    const id = await cluster();
    suite.switches.stale(60_000, { action: 'DescribeDBClusterSnapshots' });
    const { outcome } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(calls(id)).toBe(1);
  });

  it.each(['failed', 'incompatible-restore', 'deleting', 'deleted'])(
    'a snapshot that is %s on the way fails the job',
    async (status) => {
      const id = await cluster();
      const job = await ask(id);
      await suite.driver.until(job.id, 'follow');
      suite.account.outsider.setClusterSnapshotStatus(nameFor(id), status);
      const { outcome } = await suite.driver.end(job.id);
      expect(outcome).toMatchObject({ state: 'failed', changed: true });
      const codes = status.startsWith('delet') ? ['snapshot-deleting', 'snapshot-not-found'] : ['snapshot-failed'];
      expect(codes).toContain(outcome?.code);
      expect(calls(id)).toBe(1);
    },
  );

  it('a snapshot that another of the same name has replaced on the way is gone, not done', async () => {
    const [id, other] = [await cluster(), await cluster()];
    const job = await ask(id);
    await suite.driver.until(job.id, 'follow');
    suite.account.addClusterSnapshot({ identifier: nameFor(id), clusterIdentifier: other });
    const { outcome } = await suite.driver.end(job.id);
    expect(outcome).toMatchObject({ state: 'failed', changed: true, code: 'snapshot-not-found' });
  });

  it.each([...obstacles, 'pondering'])('a cluster that is %s is waited for', async (status) => {
    const id = await cluster();
    suite.account.outsider.setClusterStatus(id, status, { forMs: 100_000 });
    const job = await ask(id);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'waiting', status });
    expect(calls(id)).toBe(0);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(made(id)).toBe(1);
  });

  it('of a stopped cluster is asked for once; what AWS answers decides', async () => {
    const [refused, taken] = [await cluster({ status: 'stopped' }), await cluster({ status: 'stopped' })];
    const first = await suite.driver.end((await ask(refused)).id);
    expect(first.outcome).toMatchObject({ state: 'failed', changed: false, code: 'cluster-stopped' });
    suite.account.snapshotsOfStopped = 'taken';
    const second = await suite.driver.end((await ask(taken)).id);
    suite.account.snapshotsOfStopped = 'refused';
    expect(second.outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect([calls(refused), calls(taken)]).toEqual([1, 1]);
  });

  it('each state of a cluster that rules a snapshot out has its own code', async () => {
    const codes: (string | undefined)[] = [];
    for (const status of ['deleting', 'cloning-failed', 'migration-failed', 'inaccessible-encryption-credentials']) {
      const id = await cluster({ status, ...(status === 'deleting' ? {} : { statusMs: 9_000_000 }) });
      const { outcome } = await suite.driver.end((await ask(id)).id);
      expect(outcome).toMatchObject({ state: 'failed', changed: false });
      codes.push(outcome?.code);
    }
    codes.push((await suite.driver.end((await ask('nobody')).id)).outcome?.code);
    expect(codes).toEqual([
      'cluster-deleting',
      'cluster-cloning-failed',
      'cluster-migration-failed',
      'cluster-key-inaccessible',
      'cluster-not-found',
    ]);
  });

  it('refuses every other engine, without a call', async () => {
    for (const engine of ['docdb', 'aurora-postgresql']) {
      const id = await cluster({ engine });
      const { outcome } = await suite.driver.end((await ask(id)).id);
      expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'not-a-neptune-cluster' });
      expect(calls(id)).toBe(0);
    }
  });

  it('a name that an older snapshot of this cluster has is a conflict, and not ours', async () => {
    const id = await cluster();
    suite.account.addClusterSnapshot({ identifier: nameFor(id), clusterIdentifier: id, createdAt: ago(3_600_000) });
    const { outcome } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'snapshot-name-in-use' });
    expect(calls(id)).toBe(0);
  });

  it('a name that a snapshot of another cluster has is a conflict, however new that one is', async () => {
    const [mine, other] = [await cluster(), await cluster()];
    const job = await ask(mine);
    advance(1_000);
    suite.account.addClusterSnapshot({ identifier: nameFor(mine), clusterIdentifier: other, status: 'creating' });
    const { outcome } = await suite.driver.end(job.id);
    expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'snapshot-name-in-use' });
    expect(calls(mine)).toBe(0);
  });

  it('a name that AWS knows to be taken before its reads do is told once they do', async () => {
    const id = await cluster();
    suite.account.addClusterSnapshot({ identifier: nameFor(id), clusterIdentifier: id, createdAt: ago(60_000) });
    suite.switches.stale(120_000, { action: 'DescribeDBClusterSnapshots' });
    const { outcome } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'snapshot-name-in-use' });
    expect(made(id)).toBe(0);
  });

  it('a refusal for the state of the cluster is waited out', async () => {
    const id = await cluster();
    suite.switches.fault({ code: 'InvalidDBClusterStateFault' }, { action, times: 3 });
    expect((await suite.driver.end((await ask(id)).id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect([calls(id), made(id)]).toEqual([4, 1]);
  });

  it.each(['SnapshotQuotaExceededFault', 'KMSKeyNotAccessibleFault'])(
    'a refusal that does not pass fails the job at once, in the words of AWS: %s',
    async (code) => {
      const id = await cluster();
      suite.switches.fault({ code, message: 'no more of these' }, { action });
      const { outcome } = await suite.driver.end((await ask(id)).id);
      expect(outcome).toMatchObject({ state: 'failed', changed: false, code, reason: 'no more of these' });
      expect(calls(id)).toBe(1);
    },
  );

  it.each(['drop', 'InternalFailure', 'ServiceUnavailable'])(
    'mistake 7: after a lost answer (%s) the name is looked for, not taken again',
    async (how) => {
      const id = await cluster();
      const match = { action, times: 1 };
      if (how === 'drop') suite.switches.drop({ when: 'after' }, match);
      else suite.switches.fault({ code: how, when: 'after' }, match);
      const { outcome } = await suite.driver.end((await ask(id)).id);
      expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
      expect([calls(id), made(id)]).toEqual([1, 1]);
    },
  );

  it('a lost answer behind reads that are minutes old never makes two, and finds its own', async () => {
    const id = await cluster();
    suite.switches.drop({ when: 'after' }, { action, times: 1 });
    suite.switches.stale(200_000, { action: 'DescribeDBClusterSnapshots' });
    const { outcome } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: 'unknown' });
    expect(made(id)).toBe(1);
  });

  it('after a lost answer a name that went to another cluster meanwhile is no success', async () => {
    const [id, other] = [await cluster(), await cluster()];
    suite.switches.drop({}, { action, times: 1 });
    const job = await ask(id);
    await suite.driver.until(job.id, 'settle');
    suite.account.addClusterSnapshot({ identifier: nameFor(id), clusterIdentifier: other, status: 'creating' });
    const { outcome } = await suite.driver.end(job.id);
    expect(outcome).toMatchObject({ state: 'failed', changed: 'unknown', code: 'snapshot-name-in-use' });
    expect(made(id)).toBe(0);
  });

  it('a lost request is made again once nothing is found', async () => {
    const id = await cluster();
    suite.switches.drop({}, { action, times: 1 });
    const { outcome, createdAt, finishedAt = 0 } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(finishedAt - createdAt).toBeGreaterThan(createDbClusterSnapshot.timing.settle);
    expect(made(id)).toBe(1);
  });

  it('a snapshot whose intent the store has lost is adopted, not made again', async () => {
    const id = await cluster();
    const job = await ask(id);
    advance(1_000);
    suite.account.addClusterSnapshot({ identifier: nameFor(id), clusterIdentifier: id, status: 'creating' });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: 'unknown' });
    expect(calls(id)).toBe(0);
  });

  it("takes the cluster's turn: a stop in line behind it begins when the snapshot can be used", async () => {
    const id = await cluster();
    const [job, input] = [await ask(id), { dbClusterIdentifier: id }];
    await expect(suite.driver.ask('stop-db-cluster', input)).rejects.toMatchObject({ code: 'resource-busy' });
    const stop = await suite.driver.ask('stop-db-cluster', input, { onBusy: 'wait' });
    await suite.driver.until(job.id, 'follow');
    expect((await suite.driver.job(stop.id)).phase).toBe('line');
    const { outcome } = await suite.driver.end(stop.id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect((await suite.driver.job(job.id)).outcome).toMatchObject({ state: 'succeeded' });
  });
});
