// Stopping and starting a DB cluster: what each status and each fault means.
import { expect, it } from 'vitest';
import { startDbCluster } from '../../src/handlers/start-db-cluster.ts';
import { stopDbCluster } from '../../src/handlers/stop-db-cluster.ts';
import type { Meaning } from '../../src/operation.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

const statusesMeaning = (states: Readonly<Record<string, Meaning>>, meaning: 'obstacle' | 'pending' | 'refusal') =>
  Object.entries(states).flatMap(([status, means]) =>
    (typeof means === 'object' ? 'refusal' : means) === meaning ? [status] : [],
  );

describeLifecycle('stopping and starting a cluster', (suite) => {
  const { cluster, advance } = suite;
  const stop = (id: string) => suite.driver.ask('stop-db-cluster', { dbClusterIdentifier: id });
  const start = (id: string) => suite.driver.ask('start-db-cluster', { dbClusterIdentifier: id });
  const calls = (action: string, id: string) => suite.driver.requests({ action, resource: `db-cluster/${id}` }).length;
  const stops = (id: string) => suite.driver.effects('stop-db-cluster', `db-cluster/${id}`);
  const starts = (id: string) => suite.driver.effects('start-db-cluster', `db-cluster/${id}`);
  const statusOf = (id: string) => suite.account.clusters.get(id)?.status.now;

  it('stops, and tells when AWS will start the cluster again', async () => {
    const id = await cluster();
    const { outcome } = await suite.driver.end((await stop(id.toUpperCase())).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true, status: 'stopped' });
    expect(outcome?.result).toMatchObject({ dbClusterIdentifier: id, automaticRestartTime: expect.any(String) });
    expect(stops(id)).toBe(1);
  });

  it('starts', async () => {
    const id = await cluster({ status: 'stopped' });
    const { outcome } = await suite.driver.end((await start(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true, status: 'available' });
    expect(starts(id)).toBe(1);
  });

  it('starts a cluster whose KMS key is back, as AWS wants to be asked', async () => {
    const id = await cluster();
    suite.account.outsider.takeKey(id);
    suite.account.outsider.giveKeyBack(id);
    const { outcome } = await suite.driver.end((await start(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true, status: 'available' });
    expect(starts(id)).toBe(1);
  });

  it('asks for the start again and again while the KMS key is away, says so, and starts once it is back', async () => {
    const id = await cluster();
    suite.account.outsider.takeKey(id);
    const { id: job } = await start(id);
    for (let n = 0; n < 5; n += 1) {
      await suite.driver.visit(job);
      advance(60_000);
    }
    const waiting = await suite.driver.job(job);
    expect(waiting).toMatchObject({ status: 'inaccessible-encryption-credentials-recoverable' });
    expect(waiting.reason).toMatch(/KMSKeyNotAccessibleFault|KMS key/);
    expect(starts(id)).toBe(0);
    expect(calls('StartDBCluster', id)).toBeGreaterThan(1);
    suite.account.outsider.giveKeyBack(id);
    const { outcome } = await suite.driver.end(job);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(starts(id)).toBe(1);
  });

  it('waits with a stop while the KMS key is away, and says what to do', async () => {
    const id = await cluster();
    suite.account.outsider.takeKey(id);
    const { id: job } = await stop(id);
    await suite.driver.visit(job);
    expect((await suite.driver.job(job)).reason).toMatch(/Give the key back within seven days/);
    expect(calls('StopDBCluster', id)).toBe(0);
  });

  it('changes nothing where the goal is reached already, and says so', async () => {
    const [stopped, running] = [await cluster({ status: 'stopped' }), await cluster()];
    const first = await suite.driver.end((await stop(stopped)).id);
    const second = await suite.driver.end((await start(running)).id);
    expect(first.outcome).toMatchObject({ state: 'succeeded', changed: false, status: 'stopped' });
    expect(second.outcome).toMatchObject({ state: 'succeeded', changed: false, status: 'available' });
    expect(calls('StopDBCluster', stopped) + calls('StartDBCluster', running)).toBe(0);
    expect(suite.driver.events(first.id)).toHaveLength(1);
  });

  it('mistake 2: a stop while the cluster is stopping already only waits, and succeeds', async () => {
    const id = await cluster();
    suite.account.outsider.stopCluster(id);
    const { outcome } = await suite.driver.end((await stop(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: false, status: 'stopped' });
    expect(calls('StopDBCluster', id)).toBe(0);
  });

  it('a start while the cluster is starting already only waits', async () => {
    const id = await cluster({ status: 'starting' });
    const { outcome } = await suite.driver.end((await start(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: false });
    expect(calls('StartDBCluster', id)).toBe(0);
  });

  it.each(statusesMeaning(stopDbCluster.states, 'obstacle'))(
    'a stop waits while a cluster is %s, then acts',
    async (status) => {
      const id = await cluster();
      suite.account.outsider.setClusterStatus(id, status, { forMs: 200_000 });
      const job = await stop(id);
      await suite.driver.visit(job.id);
      expect(await suite.driver.job(job.id)).toMatchObject({ state: 'waiting', status });
      expect(calls('StopDBCluster', id)).toBe(0);
      expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
      expect(stops(id)).toBe(1);
    },
  );

  it.each(statusesMeaning(startDbCluster.states, 'pending'))(
    'a start only waits while a cluster is %s',
    async (status) => {
      const id = await cluster();
      suite.account.outsider.setClusterStatus(id, status, { forMs: 200_000 });
      expect((await suite.driver.end((await start(id)).id)).outcome).toMatchObject({
        state: 'succeeded',
        changed: false,
      });
      expect(starts(id)).toBe(0);
    },
  );

  it('a start waits while the cluster is stopping, then acts', async () => {
    const id = await cluster({ status: 'stopping' });
    expect((await suite.driver.end((await start(id)).id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(starts(id)).toBe(1);
  });

  it('each status from which the goal is out of reach fails at once, with a code of its own', async () => {
    const codes = new Set<string>();
    for (const [states, ask] of [
      [stopDbCluster.states, stop],
      [startDbCluster.states, start],
    ] as const) {
      for (const status of statusesMeaning(states, 'refusal').filter((each) => each !== 'deleted')) {
        const id = await cluster({ status, ...(status === 'deleting' ? {} : { statusMs: 9_000_000 }) });
        const job = await ask(id);
        await suite.driver.visit(job.id);
        const { outcome } = await suite.driver.job(job.id);
        expect(outcome).toMatchObject({ state: 'failed', changed: false, status, reason: expect.any(String) });
        codes.add(outcome?.code ?? '');
      }
    }
    expect([...codes].toSorted()).toEqual([
      'cluster-cloning-failed',
      'cluster-deleting',
      'cluster-key-inaccessible',
      'cluster-migration-failed',
    ]);
  });

  it('a cluster that does not exist, or is deleted on the way, is not called stopped', async () => {
    const missing = await suite.driver.end((await stop('nobody')).id);
    expect(missing.outcome).toMatchObject({ state: 'failed', changed: false, code: 'cluster-not-found' });
    const id = await cluster();
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    suite.account.outsider.deleteCluster(id);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({
      state: 'failed',
      changed: true,
      code: expect.stringMatching(/^cluster-(deleting|not-found)$/),
    });
  });

  it('a status that nobody knows counts as pending, with a warning, until it passes', async () => {
    const id = await cluster({ status: 'pondering', statusMs: 100_000 });
    const job = await suite.driver.end((await stop(id)).id);
    expect(job.outcome).toMatchObject({ state: 'succeeded', changed: true });
    const looks = suite.driver.puzzled.filter((each) => each === job.id);
    expect(looks.length).toBeGreaterThan(1);
    const told = suite.driver.logged.filter((line) => line.includes('unknown AWS status'));
    expect(told).toEqual([expect.stringContaining('pondering')]);
  });

  it('a status that nobody knows is no sign of a change whose answer was lost', async () => {
    const id = await cluster();
    suite.switches.drop({}, { action: 'StopDBCluster', times: 1 });
    const job = await stop(id);
    await suite.driver.until(job.id, 'settle');
    suite.account.outsider.setClusterStatus(id, 'pondering', { forMs: 100_000 });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(stops(id)).toBe(1);
  });

  it('mistake 1: a stop refused for the state of the cluster is asked for again when that has passed', async () => {
    const id = await cluster();
    const job = await stop(id);
    suite.switches.fault({ code: 'InvalidDBClusterStateFault' }, { action: 'StopDBCluster', times: 3 });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect([calls('StopDBCluster', id), stops(id)]).toEqual([4, 1]);
  });

  it.each(['InvalidDBInstanceState', 'InvalidDBInstanceStateFault'])(
    'waits and acts again when a member lags behind, told as %s',
    async (code) => {
      const id = await cluster();
      suite.switches.fault({ code }, { action: 'StopDBCluster', times: 2 });
      expect((await suite.driver.end((await stop(id)).id)).outcome).toMatchObject({
        state: 'succeeded',
        changed: true,
      });
      expect(stops(id)).toBe(1);
    },
  );

  it('a stop right after a start waits for the members that lag behind the cluster', async () => {
    suite.account.durations.instanceLagMs = 60_000;
    const id = await cluster({ status: 'starting', instances: 2 });
    const { outcome } = await suite.driver.end((await stop(id)).id);
    suite.account.durations.instanceLagMs = 0;
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(stops(id)).toBe(1);
  });

  it('refuses every other engine, in every status, without a call', async () => {
    for (const engine of ['docdb', 'aurora-postgresql']) {
      const id = await cluster({ engine });
      for (const ask of [stop, start]) {
        const { outcome } = await suite.driver.end((await ask(id)).id);
        expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'not-a-neptune-cluster' });
        expect(outcome?.reason).toContain(engine);
      }
      expect(calls('StopDBCluster', id) + calls('StartDBCluster', id)).toBe(0);
    }
  });

  it("a member of a global database fails, in AWS's own words", async () => {
    const id = await cluster({ globalCluster: 'world-1' });
    const { outcome } = await suite.driver.end((await stop(id)).id);
    expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'InvalidDBClusterStateFault' });
    expect(outcome?.reason).toContain('is a member of global cluster world-1');
    expect(calls('StopDBCluster', id)).toBe(1);
  });

  it('a read from before the change is not taken for its end', async () => {
    const id = await cluster();
    suite.switches.stale(120_000, { resource: `db-cluster/${id}`, action: 'DescribeDBClusters' });
    const { outcome, finishedAt = 0, createdAt } = await suite.driver.end((await stop(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true, status: 'stopped' });
    expect(finishedAt - createdAt).toBeGreaterThan(120_000);
    expect(calls('StopDBCluster', id)).toBe(1);
  });

  it('mistake 13: the answer to the call is not the end; no event goes out before the cluster is seen stopped', async () => {
    const id = await cluster();
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    expect(stops(id)).toBe(1);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'running', status: 'available' });
    expect(suite.driver.events(job.id)).toEqual([]);
    advance(3_000);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'running', status: 'stopping' });
    expect(suite.driver.events(job.id)).toEqual([]);
    await suite.driver.drive();
    expect(suite.driver.events(job.id).map(({ data }) => data.status)).toEqual(['stopped']);
  });

  it('mistake 3: what was never submitted is never called a success', async () => {
    const id = await cluster();
    suite.switches.fault({ code: 'ServiceUnavailable' }, { action: 'StopDBCluster' });
    const deadline = new Date(suite.outside.clock.now() + 15 * 60_000).toISOString();
    const job = await suite.driver.ask('stop-db-cluster', { dbClusterIdentifier: id }, { deadline });
    const { outcome } = await suite.driver.end(job.id);
    expect(outcome).toMatchObject({ state: 'timed-out', changed: 'unknown', status: 'available' });
    expect([stops(id), statusOf(id)]).toEqual([0, 'available']);
  });

  it('mistake 7: a deadline that passes ends the job, with an event, and asks for nothing again', async () => {
    const id = await cluster();
    suite.account.durations.stopMs = 3 * 3_600_000;
    const job = await stop(id);
    const { outcome, deadline, finishedAt = 0 } = await suite.driver.end(job.id);
    suite.account.durations.stopMs = 4_000;
    expect(outcome).toMatchObject({ state: 'timed-out', changed: true, code: 'deadline-passed', status: 'stopping' });
    expect(finishedAt - deadline).toBeLessThan(1_000);
    expect(suite.driver.events(job.id).map(({ type }) => type)).toEqual(['neptune-ops.job.timed-out']);
    expect(calls('StopDBCluster', id)).toBe(1);
  });

  it('mistake 7: a lost answer is settled by looking, not by asking again', async () => {
    const id = await cluster();
    suite.switches.drop({ when: 'after' }, { action: 'StopDBCluster', times: 1 });
    const { outcome, intents } = await suite.driver.end((await stop(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect([intents, calls('StopDBCluster', id), stops(id)]).toEqual([1, 1, 1]);
  });

  it('a lost answer behind stale reads never stops twice, and does not deny that it changed something', async () => {
    const id = await cluster();
    suite.switches.drop({ when: 'after' }, { action: 'StopDBCluster', times: 1 });
    suite.switches.stale(120_000, { resource: `db-cluster/${id}`, action: 'DescribeDBClusters' });
    const { outcome } = await suite.driver.end((await stop(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: 'unknown', status: 'stopped' });
    expect(stops(id)).toBe(1);
  });

  it('mistake 10: a stop after the seven-day restart really stops again', async () => {
    const id = await cluster();
    const first = await suite.driver.end((await stop(id)).id);
    advance(7 * 86_400_000 + 60_000);
    expect(statusOf(id)).toBe('available');
    const again = await stop(id);
    expect(again.id).not.toBe(first.id);
    expect((await suite.driver.end(again.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect([stops(id), statusOf(id)]).toEqual([2, 'stopped']);
  });

  it('mistake 11: one bad cluster stops nothing of the others', async () => {
    const ids = ['no-such-cluster', await cluster({ engine: 'docdb' }), await cluster(), await cluster()];
    const jobs = await Promise.all(ids.map(stop));
    await suite.driver.drive();
    const ended = await Promise.all(jobs.map(({ id }) => suite.driver.job(id)));
    expect(ended.map(({ state }) => state)).toEqual(['failed', 'failed', 'succeeded', 'succeeded']);
    expect(ended.map(({ event }) => event)).toEqual(['sent', 'sent', 'sent', 'sent']);
  });

  it('polls use up no attempts: a stop of an hour ends well', async () => {
    suite.account.durations.stopMs = 3_600_000;
    const id = await cluster();
    const { outcome, polls, trouble } = await suite.driver.end((await stop(id)).id);
    suite.account.durations.stopMs = 4_000;
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(polls).toBeGreaterThan(50);
    expect(trouble).toMatchObject({ faults: 0, bugs: 0 });
  });

  it('a change that somebody undid on the way is not asked for again by itself', async () => {
    const id = await cluster();
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    suite.account.outsider.startCluster(id);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'timed-out', changed: true });
    expect(calls('StopDBCluster', id)).toBe(1);
  });

  it("somebody else's stop that is undone leaves the goal to be reached", async () => {
    const id = await cluster({ status: 'stopping' });
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    suite.account.outsider.startCluster(id);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(stops(id)).toBe(1);
  });
});
