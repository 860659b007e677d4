// Snapshots of graphs: its own id is followed, a taken name is told, an earlier effect is adopted.
import { expect, it } from 'vitest';
import { createGraphSnapshot } from '../../src/handlers/create-graph-snapshot.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

describeLifecycle('a graph snapshot', (suite) => {
  const { graph, advance } = suite;
  const ask = (graphIdentifier: string, snapshotName: string) =>
    suite.driver.ask('create-graph-snapshot', { graphIdentifier, snapshotName, tags: { team: 'search' } });
  const made = (id: string) => suite.driver.effects('create-graph-snapshot', `graph/${id}`);
  const nameFor = (id: string) => `n${id.slice(2)}`;
  const snapshotsOf = (id: string) =>
    [...suite.account.graphSnapshots.values()].filter(({ graphId }) => graphId === id);

  it('is taken with its tags and followed by its own id', async () => {
    const id = graph();
    const { outcome } = await suite.driver.end((await ask(id, nameFor(id))).id);
    const [snapshot] = snapshotsOf(id);
    expect(outcome).toMatchObject({
      state: 'succeeded',
      changed: true,
      result: { id: snapshot?.id, status: 'AVAILABLE' },
    });
    expect(snapshot?.tags).toEqual({ team: 'search' });
    expect(made(id)).toBe(1);
  });

  it("mistake 5: the graph's own AVAILABLE is not taken for the snapshot's", async () => {
    const id = graph();
    suite.account.durations.snapshotMs = 600_000;
    const job = await ask(id, nameFor(id));
    await suite.driver.until(job.id, 'follow');
    suite.account.outsider.setGraphStatus(id, 'AVAILABLE');
    advance(300_000);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'running', status: 'CREATING' });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', status: 'AVAILABLE' });
    suite.account.durations.snapshotMs = 3_000;
  });

  it('a read that does not know the new snapshot yet is not its end', async () => {
    const id = graph();
    suite.switches.stale(60_000, { action: 'GetGraphSnapshot' });
    const { outcome } = await suite.driver.end((await ask(id, nameFor(id))).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(made(id)).toBe(1);
  });

  it('a snapshot that fails, or is deleted on the way, fails the job', async () => {
    const [failing, losing] = [graph({ snapshots: 'fail' }), graph()];
    const jobs = [await ask(failing, nameFor(failing)), await ask(losing, nameFor(losing))];
    await suite.driver.until(jobs[1]?.id ?? '', 'follow');
    suite.account.outsider.setSnapshotStatus(snapshotsOf(losing)[0]?.id ?? '', 'DELETING');
    await suite.driver.drive();
    const ended = await Promise.all(jobs.map(({ id }) => suite.driver.job(id)));
    expect(ended[0]?.outcome).toMatchObject({ state: 'failed', changed: true, code: 'snapshot-failed' });
    expect(ended[1]?.outcome).toMatchObject({ state: 'failed', changed: true });
    expect(['snapshot-deleting', 'snapshot-not-found']).toContain(ended[1]?.outcome?.code);
  });

  it.each(['CREATING', 'IMPORTING', 'RESETTING', 'SNAPSHOTTING', 'STARTING', 'STOPPING', 'UPDATING', 'PONDERING'])(
    'a graph that is %s is waited for',
    async (status) => {
      const id = graph();
      suite.account.outsider.setGraphStatus(id, status, { forMs: 100_000 });
      const job = await ask(id, nameFor(id));
      await suite.driver.visit(job.id);
      expect(made(id)).toBe(0);
      expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
      expect(made(id)).toBe(1);
    },
  );

  it('each state of a graph that rules a snapshot out has its own code', async () => {
    for (const status of ['STOPPED', 'DELETING', 'FAILED']) {
      const id = graph({ status: 'AVAILABLE' });
      suite.account.outsider.setGraphStatus(id, status, { forMs: 1_000_000 });
      const { outcome } = await suite.driver.end((await ask(id, nameFor(id))).id);
      expect(outcome).toMatchObject({ state: 'failed', changed: false, code: `graph-${status.toLowerCase()}` });
    }
    const missing = await suite.driver.end((await ask('g-nosuchone0', 'missing')).id);
    expect(missing.outcome).toMatchObject({ state: 'failed', code: 'graph-not-found' });
  });

  it('a name that an older snapshot of this graph has is a conflict, and not ours', async () => {
    const id = graph();
    suite.account.addSnapshot({ name: nameFor(id), graphId: id, createdAt: suite.outside.clock.now() - 3_600_000 });
    const { outcome } = await suite.driver.end((await ask(id, nameFor(id))).id);
    expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'snapshot-name-in-use' });
    expect(made(id)).toBe(0);
  });

  it('a name that a snapshot of another graph has is told at once, not waited for', async () => {
    const [mine, other] = [graph(), graph()];
    suite.account.addSnapshot({
      name: nameFor(mine),
      graphId: other,
      createdAt: suite.outside.clock.now() - 3_600_000,
    });
    const { outcome, createdAt, finishedAt = 0 } = await suite.driver.end((await ask(mine, nameFor(mine))).id);
    expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'snapshot-name-in-use' });
    expect(finishedAt - createdAt).toBeLessThan(5_000);
    expect(made(mine)).toBe(0);
  });

  it('a conflict about the graph, not the name, is waited out', async () => {
    const id = graph();
    suite.switches.fault({ code: 'ConflictException' }, { action: 'CreateGraphSnapshot', times: 2 });
    expect((await suite.driver.end((await ask(id, nameFor(id))).id)).outcome).toMatchObject({ state: 'succeeded' });
    expect(made(id)).toBe(1);
  });

  it('a refusal that goes on in a state that should allow the snapshot fails the job, in the words of AWS', async () => {
    const id = graph();
    suite.switches.fault(
      { code: 'ValidationException', message: 'no snapshots here' },
      { action: 'CreateGraphSnapshot' },
    );
    const { outcome } = await suite.driver.end((await ask(id, nameFor(id))).id);
    expect(outcome).toMatchObject({
      state: 'failed',
      changed: false,
      code: 'ValidationException',
      reason: 'no snapshots here',
    });
    expect(suite.driver.requests({ action: 'CreateGraphSnapshot', resource: `graph/${id}` })).toHaveLength(2);
  });

  it.each(['drop', 'InternalServerException', 'ServiceUnavailableException'])(
    'after a lost answer (%s) the name is looked for, not taken again',
    async (how) => {
      const id = graph();
      const match = { action: 'CreateGraphSnapshot', times: 1 };
      if (how === 'drop') suite.switches.drop({ when: 'after' }, match);
      else suite.switches.fault({ code: how, when: 'after' }, match);
      const { outcome } = await suite.driver.end((await ask(id, nameFor(id))).id);
      expect(outcome).toMatchObject({ state: 'succeeded', changed: true, result: { id: snapshotsOf(id)[0]?.id } });
      expect([
        made(id),
        suite.driver.requests({ action: 'CreateGraphSnapshot', resource: `graph/${id}` }).length,
      ]).toEqual([1, 1]);
    },
  );

  it('a lost request is made again once nothing is found', async () => {
    const id = graph();
    suite.switches.drop({}, { action: 'CreateGraphSnapshot', times: 1 });
    const { outcome, createdAt, finishedAt = 0 } = await suite.driver.end((await ask(id, nameFor(id))).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(finishedAt - createdAt).toBeGreaterThan(createGraphSnapshot.timing.settle);
    expect(made(id)).toBe(1);
  });

  it('a snapshot whose intent the store has lost is adopted, not made again', async () => {
    const id = graph();
    const job = await ask(id, nameFor(id));
    advance(1_000);
    suite.account.addSnapshot({ name: nameFor(id), graphId: id, status: 'CREATING' });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({
      state: 'succeeded',
      changed: 'unknown',
      result: { id: snapshotsOf(id)[0]?.id },
    });
    expect(made(id)).toBe(0);
  });
});
