// The reset of a graph: seen or it didn't happen, once, and only where the operator allows it.
import { expect, it } from 'vitest';
import { resetGraph } from '../../src/handlers/reset-graph.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

describeLifecycle('a reset of a graph', (suite) => {
  const { graph, advance } = suite;
  const ask = (id: string, more: object = {}) =>
    suite.driver.ask('reset-graph', { graphIdentifier: id, skipSnapshot: true, confirm: id, ...more });
  const resets = (id: string) => suite.driver.effects('reset-graph', `graph/${id}`);
  const calls = () => suite.driver.requests({ action: 'ResetGraph' }).length;

  it('asks once, with what was said of the snapshot, and ends when the graph is available again', async () => {
    for (const skipSnapshot of [true, false]) {
      const id = graph();
      const { outcome } = await suite.driver.end((await ask(id, { skipSnapshot })).id);
      expect(outcome).toMatchObject({ state: 'succeeded', changed: true, status: 'AVAILABLE', result: { id } });
      expect(resets(id)).toBe(1);
      const [request] = suite.driver.requests({ action: 'ResetGraph', resource: `graph/${id}` });
      expect(request?.input).toMatchObject({ skipSnapshot });
    }
  });

  it('is not over at an AVAILABLE that may be older than the call, also where the answer said RESETTING', async () => {
    const id = graph();
    const { id: job } = await ask(id);
    await suite.driver.visit(job);
    suite.switches.stale(60_000, { resource: `graph/${id}` });
    const asked = suite.outside.clock.now();
    await suite.driver.drive(() => suite.outside.clock.now() >= asked + 50_000);
    const followed = suite.driver.visits.filter((visited) => visited.id === job).map((visited) => visited.job);
    expect(followed).toContainEqual(expect.objectContaining({ phase: 'follow', status: 'AVAILABLE' }));
    const { outcome, finishedAt = 0 } = await suite.driver.end(job);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(finishedAt - asked).toBeGreaterThanOrEqual(60_000);
    expect(resets(id)).toBe(1);
  });

  it('is not confirmed where neither the answer nor any look shows RESETTING', async () => {
    const id = graph();
    const { id: job } = await ask(id);
    suite.account.durations.graphResetMs = 0;
    await suite.driver.visit(job);
    const { outcome } = await suite.driver.end(job);
    suite.account.durations.graphResetMs = 3_000;
    expect(outcome).toMatchObject({ state: 'failed', changed: true, code: 'reset-not-confirmed' });
    expect(resets(id)).toBe(1);
  });

  it('an answer that was lost is settled by RESETTING alone', async () => {
    const id = graph();
    suite.switches.drop({ when: 'after' }, { action: 'ResetGraph', times: 1 });
    const { outcome, intents } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect([resets(id), intents]).toEqual([1, 1]);
  });

  it('a lost answer that nothing shows is never asked for again', async () => {
    const id = graph();
    const before = calls();
    suite.switches.drop({ when: 'before' }, { action: 'ResetGraph', times: 1 });
    const { outcome, createdAt, finishedAt = 0 } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'failed', changed: 'unknown', code: 'reset-not-confirmed' });
    expect(calls()).toBe(before + 1);
    expect(resets(id)).toBe(0);
    expect(finishedAt - createdAt).toBeGreaterThanOrEqual(resetGraph.timing.settle);
  });

  it('a lost answer of a reset that was over before anybody looked is not confirmed, and not asked for again', async () => {
    const id = graph();
    const before = calls();
    suite.switches.drop({ when: 'after' }, { action: 'ResetGraph', times: 1 });
    const { id: job } = await ask(id);
    await suite.driver.visit(job);
    advance(60_000);
    const { outcome } = await suite.driver.end(job);
    expect(outcome).toMatchObject({ state: 'failed', changed: 'unknown', code: 'reset-not-confirmed' });
    expect([calls() - before, resets(id)]).toEqual([1, 1]);
  });

  it.each([
    ['STOPPED', 'graph-stopped'],
    ['DELETING', 'graph-deleting'],
    ['FAILED', 'graph-failed'],
  ])('fails at once in %s, and asks nothing', async (status, code) => {
    const id = graph({ status });
    const before = calls();
    const { outcome } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'failed', changed: false, code });
    expect(calls()).toBe(before);
  });

  it('waits until a snapshot is over', async () => {
    const id = graph({ status: 'SNAPSHOTTING' });
    const { outcome } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(resets(id)).toBe(1);
  });

  it('is refused without its confirmation, and where the operator has not listed the graph', async () => {
    const id = graph();
    await expect(ask(id, { confirm: 'g-0000000000' })).rejects.toMatchObject({ code: 'wrong-confirmation' });
    suite.driver.resettableGraphs.delete(`default/${id}`);
    await expect(ask(id)).rejects.toMatchObject({ code: 'graph-not-resettable', status: 403 });
    // A cluster's entry allows nothing of a graph.
    suite.driver.resettable.add(`default/${id}`);
    await expect(ask(id)).rejects.toMatchObject({ code: 'graph-not-resettable' });
  });

  it('takes no default for the snapshot', async () => {
    const id = graph();
    const input = { graphIdentifier: id, confirm: id };
    await expect(suite.driver.ask('reset-graph', input)).rejects.toMatchObject({ code: 'invalid-input' });
  });
});
