// The gate: nothing changing is sent by a worker that lost its job, or for which too much time has passed.
import { describe, expect, it } from 'vitest';
import { changing, gated } from '../../src/aws/clients.ts';
import { StopDBClusterCommand } from '@aws-sdk/client-neptune';
import { type OperationName, operationNames, operationOf } from '../../src/handlers/index.ts';
import { gateOf } from '../../src/workers/gate.ts';
import { LostJob } from '../../src/workers/job-file.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

/** A stopwatch that shows these times, one a look. */
function stopwatch(...times: number[]): () => number {
  return () => times.shift() ?? 0;
}

const grip = (holds: () => Promise<boolean>) => ({ holds, stalls: 0 });
const held = grip(() => Promise.resolve(true));

describe('a gate', () => {
  it('opens for a worker that holds the job now', async () => {
    const gate = gateOf(held, stopwatch(14_000, 15_000));
    await gate.pass();
    expect(gate.closed).toBeUndefined();
  });

  it.each([
    ['the lock is another’s', grip(() => Promise.resolve(false)), [0, 1], true],
    ['the queue can not be asked', grip(() => Promise.reject(new Error('gone'))), [0, 1], false],
    ['the answer took longer than two seconds', held, [0, 2_001], false],
    ['the intent is older than fifteen seconds', held, [14_900, 15_001], false],
  ] as const)('stays shut when %s', async (_why, hold, times, lost) => {
    const gate = gateOf(hold, stopwatch(...times));
    await expect(gate.pass()).rejects.toMatchObject({ name: 'GateClosed' });
    expect(gate.closed?.lost).toBe(lost);
  });

  it('sees a machine that slept, by whichever clock ran on', async () => {
    const [dateNow, performanceNow] = [Date.now, performance.now];
    try {
      const gate = gateOf(
        grip(async () => {
          Date.now = () => dateNow() + 60_000;
          return true;
        }),
      );
      await expect(gate.pass()).rejects.toMatchObject({ lost: false });
      Date.now = dateNow;
      const other = gateOf(
        grip(async () => {
          performance.now = () => performanceNow.call(performance) + 60_000;
          return true;
        }),
      );
      await expect(other.pass()).rejects.toMatchObject({ lost: false });
    } finally {
      Date.now = dateNow;
      performance.now = performanceNow;
    }
  });
});

describeLifecycle('a changing call at the gate', (suite) => {
  interface Case {
    /** AWS's name of the changing call. */
    readonly action: string;
    /** An input over something new that has to be changed. */
    readonly input: () => object | Promise<object>;
  }
  const cluster = async (status = 'available') => ({
    dbClusterIdentifier: await suite.cluster({ dataPlane: true, status }),
  });
  const graph = (status = 'AVAILABLE') => ({ graphIdentifier: suite.graph({ status }) });

  const rows: Readonly<Partial<Record<OperationName, Case>>> = {
    'stop-db-cluster': { action: 'StopDBCluster', input: () => cluster() },
    'start-db-cluster': { action: 'StartDBCluster', input: () => cluster('stopped') },
    'create-db-cluster-snapshot': {
      action: 'CreateDBClusterSnapshot',
      async input() {
        const of = await cluster();
        return { ...of, dbClusterSnapshotIdentifier: `s-${of.dbClusterIdentifier}` };
      },
    },
    'fast-reset': {
      action: 'ExecuteFastReset',
      async input() {
        const of = await cluster();
        return { ...of, confirm: of.dbClusterIdentifier };
      },
    },
    'start-graph': { action: 'StartGraph', input: () => graph('STOPPED') },
    'stop-graph': { action: 'StopGraph', input: () => graph() },
    'create-graph-snapshot': {
      action: 'CreateGraphSnapshot',
      input() {
        const of = graph();
        return { ...of, snapshotName: `n${of.graphIdentifier.slice(2)}` };
      },
    },
    'reset-graph': {
      action: 'ResetGraph',
      input() {
        const of = graph();
        return { ...of, skipSnapshot: true, confirm: of.graphIdentifier };
      },
    },
    'cancel-import-task': { action: 'CancelImportTask', input: () => ({ taskIdentifier: suite.importTask() }) },
  };
  const cases = Object.entries(rows).map(([operation, { action }]) => [operation as OperationName, action] as const);

  it('is tried with every operation that changes something', () => {
    const missing = operationNames.filter((name) => operationOf(name)?.kind !== 'watch' && rows[name] === undefined);
    expect(missing, 'these operations need a row in `rows` of test/workers/gate.test.ts').toEqual([]);
  });

  const ask = async (operation: OperationName) => suite.driver.ask(operation, await rows[operation]?.input());

  /** How often the change was sent; a reset's harmless first step isn't counted. */
  const sent = (action: string) =>
    suite.driver.requests({ action }).filter(({ input }) => input['action'] !== 'initiateDatabaseReset').length;

  it.each(cases)('%s sends nothing once the lock is lost, and writes nothing more', async (operation, action) => {
    const job = await ask(operation);
    const before = sent(action);
    await expect(suite.driver.visit(job.id, { holds: () => Promise.resolve(false) })).rejects.toBeInstanceOf(LostJob);
    expect(sent(action)).toBe(before);
    expect(await suite.driver.job(job.id)).toMatchObject({ phase: 'settle', intents: 1 });
  });

  it.each(cases)('%s sends nothing when the lock can not be asked, and looks again', async (operation, action) => {
    const job = await ask(operation);
    const before = sent(action);
    await suite.driver.visit(job.id, { holds: () => Promise.reject(new Error('no queue')) });
    expect(sent(action)).toBe(before);
    expect(await suite.driver.job(job.id)).toMatchObject({ phase: 'look', changed: false });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(sent(action)).toBe(before + 1);
  });

  it.each(cases)('%s sends nothing after a freeze between the lock and the sending', async (operation, action) => {
    const job = await ask(operation);
    const before = sent(action);
    const dateNow = Date.now;
    const frozen = () => {
      Date.now = () => dateNow() + 2_500;
      return Promise.resolve(true);
    };
    try {
      await suite.driver.visit(job.id, { holds: frozen });
    } finally {
      Date.now = dateNow;
    }
    expect(sent(action)).toBe(before);
    expect(await suite.driver.job(job.id)).toMatchObject({ phase: 'look', changed: false });
    await suite.driver.drive();
  });

  it('is asked after the call is signed, and right before it leaves', async () => {
    const id = await suite.cluster();
    const { neptune } = suite.driver.aws;
    const order: string[] = [];
    const command = gated(new StopDBClusterCommand({ DBClusterIdentifier: id }), async () => {
      order.push('gate');
    });
    const note = (name: string) => (next: (args: never) => Promise<unknown>) => (args: { request: unknown }) => {
      const { headers } = args.request as { headers: Record<string, string> };
      order.push(`${name}${headers['authorization'] ? ', signed' : ''}`);
      return next(args as never);
    };
    command.middlewareStack.add(note('build') as never, { step: 'build', priority: 'low', name: 'noteBuild' });
    const { requestHandler } = neptune.config;
    const handle = requestHandler.handle;
    requestHandler.handle = (request, options) => {
      order.push(`sent${request.headers['authorization'] ? ', signed' : ''}`);
      return handle.call(requestHandler, request, options);
    };
    command.middlewareStack.addRelativeTo(note('before the gate') as never, {
      relation: 'before',
      toMiddleware: 'gate',
      name: 'noteGate',
    });
    await neptune.send(command, changing());
    requestHandler.handle = handle;
    expect(order).toEqual(['build', 'before the gate, signed', 'gate', 'sent, signed']);
  });

  it('two workers with one job send one call', async () => {
    const id = await suite.cluster();
    const job = await suite.driver.ask('stop-db-cluster', { dbClusterIdentifier: id });
    const visits = await Promise.allSettled([1, 2, 3, 4].map(() => suite.driver.visit(job.id)));
    expect(visits.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const visit of visits) if (visit.status === 'rejected') expect(visit.reason).toBeInstanceOf(LostJob);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded' });
    expect(suite.driver.requests({ action: 'StopDBCluster', resource: `db-cluster/${id}` })).toHaveLength(1);
  });
});
