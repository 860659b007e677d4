import {
  ExecuteFastResetCommand,
  ExecuteOpenCypherQueryCommand,
  GetEngineStatusCommand,
  GetLoaderJobStatusCommand,
  ListGremlinQueriesCommand,
  ListLoaderJobsCommand,
  ListOpenCypherQueriesCommand,
  type NeptunedataClient,
} from '@aws-sdk/client-neptunedata';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../emulator/neptune/clusters.ts';
import { type Bench, refusalOf, signedHeaders, startBench } from '../clients.ts';

let bench: Bench;
let cluster: Cluster;
let writer: NeptunedataClient;
beforeEach(async () => {
  bench = await startBench();
  cluster = await bench.account.addCluster({ identifier: 'dev-1', instances: 2, data: 10 });
  writer = bench.data(cluster.port);
});
afterEach(() => bench.close());

const member = (i: number) => bench.data(cluster.instances[i]?.port ?? 0);
const statusOf = (client: NeptunedataClient) => client.send(new GetEngineStatusCommand({}));
const initiate = async (client = writer) => {
  const answer = await client.send(new ExecuteFastResetCommand({ action: 'initiateDatabaseReset' }));
  return answer.payload?.token ?? '';
};
const perform = (token: string, client = writer) =>
  client.send(new ExecuteFastResetCommand({ action: 'performDatabaseReset', token }));
const readAny = async () => {
  const query = { openCypherQuery: 'MATCH (n) RETURN n LIMIT 1' };
  return (await writer.send(new ExecuteOpenCypherQueryCommand(query))).results as unknown[];
};

it('tells of each instance what it is and since when it runs', async () => {
  expect(await statusOf(writer)).toMatchObject({
    status: 'healthy',
    role: 'writer',
    startTime: 'Fri Nov 20 09:00:00 UTC 2026',
    gremlin: { version: expect.stringContaining('tinkerpop') },
  });
  expect((await statusOf(member(0))).role).toBe('writer');
  expect((await statusOf(member(1))).role).toBe('reader');
  expect(bench.journal.requests({ instance: 'dev-1-2' })).toMatchObject([{ action: 'GetEngineStatus', outcome: 200 }]);
});

describe('a fast reset', () => {
  it('is accepted at once, done after every instance restarted, and leaves nothing behind', async () => {
    const token = await initiate();
    expect(token).toMatch(/^[0-9a-f-]{36}$/);
    const before = await Promise.all([0, 1].map((i) => statusOf(member(i))));
    expect(await perform(token)).toMatchObject({ status: '200 OK' });

    // The old process answers for a moment yet, and so does the data.
    expect((await statusOf(writer)).startTime).toBe(before[0]?.startTime);
    expect(await readAny()).toHaveLength(1);

    bench.clock.advance(300);
    expect(await refusalOf(statusOf(writer))).toMatchObject({ error: { code: 'ECONNRESET' } });
    expect((await statusOf(member(1))).startTime).toBe(before[1]?.startTime); // staggered
    bench.clock.advance(100);
    expect(await refusalOf(statusOf(member(1)))).toMatchObject({ error: { code: 'ECONNRESET' } });

    bench.clock.advance(2000);
    const after = await Promise.all([0, 1].map((i) => statusOf(member(i))));
    for (const i of [0, 1]) {
      expect(after[i]?.status).toBe('healthy');
      expect(after[i]?.startTime).not.toBe(before[i]?.startTime);
    }
    expect(await readAny()).toEqual([]);
    expect(bench.journal.effects().map(({ kind }) => kind)).toEqual(['initiate-reset', 'reset']);
  });

  it('shows another start time even if the restart took no time', async () => {
    Object.assign(bench.account.durations, { resetDelayMs: 0, resetStaggerMs: 0, resetRestartMs: 1 });
    const times = new Set([(await statusOf(writer)).startTime]);
    for (let i = 0; i < 3; i += 1) {
      await perform(await initiate());
      bench.clock.advance(1);
      times.add((await statusOf(writer)).startTime);
    }
    expect(times.size).toBe(4);
  });

  it('may say that it is under way instead of refusing connections', async () => {
    const polite = await bench.account.addCluster({ identifier: 'dev-2', whileRestarting: 'shutdown' });
    const client = bench.data(polite.port);
    await perform(await initiate(client), client);
    bench.clock.advance(300);
    const refused = await refusalOf(perform('x', client));
    expect(refused).toMatchObject({ name: 'ServerShutdownException', status: 500 });
    expect(refused.message).toContain('Database reset is in progress');
  });

  it('may end with another writer', async () => {
    cluster = await bench.account.addCluster({ identifier: 'dev-2', instances: 2, failsOverOnReset: true });
    const client = bench.data(cluster.port);
    await perform(await initiate(client), client);
    bench.clock.advance(5000);
    expect((await statusOf(member(0))).role).toBe('reader');
    expect((await statusOf(client)).role).toBe('writer');
  });

  it.each([
    ['that is not its own', async () => 'b8e1ab4c-0000-4000-8000-000000000000'],
    ['that is older than an hour', async () => bench.clock.advance(60 * 60_000 + 1)],
    ['that a newer one voids', async () => void bench.account.outsider.initiateReset('dev-1')],
    [
      'that a restart voids',
      async () => {
        bench.account.outsider.restart('dev-1');
        bench.clock.advance(3000);
      },
    ],
    ['that was used', async (token: string) => void (await perform(token))],
  ])('refuses a token %s', async (_what, spoil) => {
    const made = await initiate();
    const token = (await spoil(made)) ?? made;
    const refused = await refusalOf(perform(token));
    expect(refused).toMatchObject({ name: 'InvalidParameterException', status: 400 });
    expect(refused.message).toBe(`System command parameter 'token' : '${token}' does not match database reset token`);
  });

  it('is refused to a reader, without a token, and with an unknown action', async () => {
    expect(await refusalOf(initiate(member(1)))).toMatchObject({ name: 'ReadOnlyViolationException', status: 400 });
    const noToken = new ExecuteFastResetCommand({ action: 'performDatabaseReset' });
    expect(await refusalOf(writer.send(noToken))).toMatchObject({ name: 'MissingParameterException' });
    const unknown = new ExecuteFastResetCommand({ action: 'explode' as 'performDatabaseReset' });
    expect(await refusalOf(writer.send(unknown))).toMatchObject({ name: 'InvalidParameterException' });
    expect(bench.journal.effects()).toEqual([]);
  });
});

it('follows the writer through a failover', async () => {
  bench.account.outsider.failover('dev-1');
  expect(cluster.status.now).toBe('failing-over');
  bench.clock.advance(2000);
  expect((await statusOf(writer)).role).toBe('writer');
  expect((await statusOf(member(0))).role).toBe('reader');
  expect(cluster.status.now).toBe('available');
});

it('cuts connections while the cluster is stopped and answers again, restarted, after a start', async () => {
  const before = await statusOf(writer);
  bench.account.outsider.stopCluster('dev-1');
  bench.clock.advance(5000);
  expect(await refusalOf(statusOf(writer))).toMatchObject({ error: { code: 'ECONNRESET' } });
  expect(bench.journal.requests({ outcome: 'unreachable' })).toHaveLength(1);
  bench.account.outsider.startCluster('dev-1');
  bench.clock.advance(3000);
  const after = await statusOf(writer);
  expect(after.status).toBe('healthy');
  expect(after.startTime).not.toBe(before.startTime);
  expect(await readAny()).toHaveLength(1);
});

it('lists nothing when idle, and what runs when busy', async () => {
  const counts = async () => [
    (await writer.send(new ListGremlinQueriesCommand({}))).runningQueryCount,
    (await writer.send(new ListOpenCypherQueriesCommand({}))).runningQueryCount,
    (await writer.send(new ListLoaderJobsCommand({}))).payload?.loadIds,
  ];
  expect(await counts()).toEqual([0, 0, []]);
  const loads = { 'load-1': 'LOAD_IN_PROGRESS' };
  bench.account.outsider.setBusy('dev-1', { gremlinQueries: 2, openCypherQueries: 1, loads });
  expect(await counts()).toEqual([2, 1, ['load-1']]);
  const load = await writer.send(new GetLoaderJobStatusCommand({ loadId: 'load-1' }));
  expect(load.payload).toMatchObject({ overallStatus: { status: 'LOAD_IN_PROGRESS' } });
  const unknown = writer.send(new GetLoaderJobStatusCommand({ loadId: 'load-2' }));
  expect(await refusalOf(unknown)).toMatchObject({ name: 'BulkLoadIdNotFoundException', status: 404 });
});

it('answers 404 elsewhere, 405 to another method, and 403 unsigned where IAM is on', async () => {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const headers = signedHeaders('neptune-db');
  expect((await fetch(`${at(cluster.port)}/nowhere`, { headers })).status).toBe(404);
  expect((await fetch(`${at(cluster.port)}/system`, { headers })).status).toBe(405);
  const unsigned = await fetch(`${at(cluster.port)}/status`);
  expect([unsigned.status, await unsigned.json()]).toMatchObject([
    403,
    { code: 'AccessDeniedException', detailedMessage: 'Missing Authentication Token' },
  ]);
  const open = await bench.account.addCluster({ identifier: 'open', iam: false });
  expect((await fetch(`${at(open.port)}/status`)).status).toBe(200);
});
