// Stopping and starting a graph: what each status and each fault means.
import { expect, it } from 'vitest';
import { startGraph } from '../../src/handlers/start-graph.ts';
import { stopGraph } from '../../src/handlers/stop-graph.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

const statusesMeaning = (states: Readonly<Record<string, unknown>>, meaning: 'obstacle' | 'pending') =>
  Object.keys(states).filter((status) => states[status] === meaning);

describeLifecycle('stopping and starting a graph', (suite) => {
  const { graph, advance } = suite;
  const stop = (graphIdentifier: string) => suite.driver.ask('stop-graph', { graphIdentifier });
  const start = (graphIdentifier: string) => suite.driver.ask('start-graph', { graphIdentifier });
  const calls = (action: string, id: string) => suite.driver.requests({ action, resource: `graph/${id}` }).length;
  const stops = (id: string) => suite.driver.effects('stop-graph', `graph/${id}`);
  const starts = (id: string) => suite.driver.effects('start-graph', `graph/${id}`);

  it('stops, and starts again', async () => {
    const id = graph();
    const stopped = await suite.driver.end((await stop(id)).id);
    expect(stopped.outcome).toMatchObject({ state: 'succeeded', changed: true, result: { id, status: 'STOPPED' } });
    const started = await suite.driver.end((await start(id)).id);
    expect(started.outcome).toMatchObject({ state: 'succeeded', changed: true, result: { id, status: 'AVAILABLE' } });
    expect([stops(id), starts(id)]).toEqual([1, 1]);
  });

  it('a stopped graph stays stopped: a second stop a month later changes nothing', async () => {
    const id = graph();
    await suite.driver.end((await stop(id)).id);
    advance(30 * 86_400_000);
    const again = await suite.driver.end((await stop(id)).id);
    expect(again.outcome).toMatchObject({ state: 'succeeded', changed: false, status: 'STOPPED' });
    expect(calls('StopGraph', id)).toBe(1);
  });

  it('changes nothing where the goal is reached already, and says so', async () => {
    const [stopped, running] = [graph({ status: 'STOPPED' }), graph()];
    const first = await suite.driver.end((await stop(stopped)).id);
    const second = await suite.driver.end((await start(running)).id);
    expect(first.outcome).toMatchObject({ state: 'succeeded', changed: false, status: 'STOPPED' });
    expect(second.outcome).toMatchObject({ state: 'succeeded', changed: false, status: 'AVAILABLE' });
    expect(calls('StopGraph', stopped) + calls('StartGraph', running)).toBe(0);
  });

  it('a change that is under way already is only waited for', async () => {
    const [stopping, starting] = [graph({ status: 'STOPPING' }), graph({ status: 'STARTING' })];
    const jobs = [await stop(stopping), await start(starting)];
    await suite.driver.drive();
    for (const { id } of jobs) {
      expect((await suite.driver.job(id)).outcome).toMatchObject({ state: 'succeeded', changed: false });
    }
    expect(calls('StopGraph', stopping) + calls('StartGraph', starting)).toBe(0);
  });

  it.each([...statusesMeaning(stopGraph.states, 'obstacle'), 'PONDERING'])(
    'a stop waits while a graph is %s, then acts',
    async (status) => {
      const id = graph();
      suite.account.outsider.setGraphStatus(id, status, { forMs: 200_000 });
      const job = await stop(id);
      await suite.driver.visit(job.id);
      expect(await suite.driver.job(job.id)).toMatchObject({ status });
      expect(calls('StopGraph', id)).toBe(0);
      expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
      expect(stops(id)).toBe(1);
    },
  );

  it.each(statusesMeaning(startGraph.states, 'pending'))('a start only waits while a graph is %s', async (status) => {
    const id = graph();
    suite.account.outsider.setGraphStatus(id, status, { forMs: 200_000 });
    expect((await suite.driver.end((await start(id)).id)).outcome).toMatchObject({
      state: 'succeeded',
      changed: false,
    });
    expect(calls('StartGraph', id)).toBe(0);
  });

  it('a start waits while the graph is stopping, then acts', async () => {
    const id = graph({ status: 'STOPPING' });
    expect((await suite.driver.end((await start(id)).id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(starts(id)).toBe(1);
  });

  it('each status from which the goal is out of reach fails at once, with a code of its own', async () => {
    for (const ask of [stop, start]) {
      for (const status of ['DELETING', 'FAILED']) {
        const id = graph();
        suite.account.outsider.setGraphStatus(id, status, { forMs: 9_000_000 });
        const { outcome } = await suite.driver.end((await ask(id)).id);
        expect(outcome).toMatchObject({ state: 'failed', changed: false, code: `graph-${status.toLowerCase()}` });
        expect(calls('StopGraph', id) + calls('StartGraph', id)).toBe(0);
      }
    }
    const missing = await suite.driver.end((await stop('g-nosuchone0')).id);
    expect(missing.outcome).toMatchObject({ state: 'failed', changed: false, code: 'graph-not-found' });
  });

  it('a graph that is deleted on the way is not called stopped', async () => {
    const id = graph();
    const job = await stop(id);
    await suite.driver.until(job.id, 'follow');
    suite.account.outsider.setGraphStatus(id, 'DELETING');
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({
      state: 'failed',
      changed: true,
      code: expect.stringMatching(/^graph-(deleting|not-found)$/),
    });
  });

  it('mistake 1: a change refused for the state of the graph is asked for again when that has passed', async () => {
    const [running, stopped] = [graph(), graph({ status: 'STOPPED' })];
    suite.switches.fault({ code: 'ConflictException' }, { action: ['StopGraph', 'StartGraph'], times: 6 });
    const jobs = [await stop(running), await start(stopped)];
    await suite.driver.drive();
    for (const { id } of jobs) {
      expect((await suite.driver.job(id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    }
    expect(calls('StopGraph', running) + calls('StartGraph', stopped)).toBe(8);
    expect([stops(running), starts(stopped)]).toEqual([1, 1]);
  });

  it('a refusal that goes on in a state that should allow the stop fails the job, in the words of AWS', async () => {
    const id = graph();
    suite.switches.fault({ code: 'ValidationException', message: 'no stops here' }, { action: 'StopGraph' });
    const { outcome } = await suite.driver.end((await stop(id)).id);
    expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'ValidationException' });
    expect(outcome?.reason).toBe('no stops here');
    expect(calls('StopGraph', id)).toBe(2);
  });

  it('a read from before the change is not taken for its end', async () => {
    const [running, stopped] = [graph(), graph({ status: 'STOPPED' })];
    suite.switches.stale(120_000, { action: 'GetGraph' });
    const jobs = [await stop(running), await start(stopped)];
    await suite.driver.drive();
    for (const { id } of jobs) {
      const { outcome, finishedAt = 0, createdAt } = await suite.driver.job(id);
      expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
      expect(finishedAt - createdAt).toBeGreaterThan(120_000);
    }
    expect([calls('StopGraph', running), calls('StartGraph', stopped)]).toEqual([1, 1]);
  });

  it.each(['drop', 'InternalServerException'])(
    'mistake 7: a lost answer (%s) is settled by looking, not by asking again',
    async (how) => {
      const id = graph();
      const match = { action: 'StopGraph', times: 1 };
      if (how === 'drop') suite.switches.drop({ when: 'after' }, match);
      else suite.switches.fault({ code: how, when: 'after' }, match);
      const { outcome, intents } = await suite.driver.end((await stop(id)).id);
      expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
      expect([intents, calls('StopGraph', id), stops(id)]).toEqual([1, 1, 1]);
    },
  );

  it('a lost request is made again once no sign of it is seen', async () => {
    const id = graph({ status: 'STOPPED' });
    suite.switches.drop({}, { action: 'StartGraph', times: 1 });
    const { outcome, createdAt, finishedAt = 0 } = await suite.driver.end((await start(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(finishedAt - createdAt).toBeGreaterThan(startGraph.timing.settle);
    expect(starts(id)).toBe(1);
  });

  it('a stop, a snapshot and a start of one graph take turns', async () => {
    const id = graph();
    const jobs = [
      await suite.driver.ask('create-graph-snapshot', { graphIdentifier: id, snapshotName: `n${id.slice(2)}` }),
    ];
    for (const operation of ['stop-graph', 'start-graph']) {
      // Who comes later stands behind.
      advance(1);
      jobs.push(await suite.driver.ask(operation, { graphIdentifier: id }, { onBusy: 'wait' }));
    }
    await suite.driver.drive();
    const ended = await Promise.all(jobs.map((job) => suite.driver.job(job.id)));
    expect(ended.map(({ outcome }) => [outcome?.state, outcome?.changed])).toEqual(jobs.map(() => ['succeeded', true]));
    const order = ended.map(({ finishedAt = 0 }) => finishedAt);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(calls('StopGraph', id) + calls('StartGraph', id)).toBe(2);
  });
});
