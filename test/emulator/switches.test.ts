import {
  DescribeDBClustersCommand,
  type DescribeDBClustersCommandOutput,
  StopDBClusterCommand,
} from '@aws-sdk/client-neptune';
import { CreateGraphSnapshotCommand, GetGraphCommand, GetGraphSnapshotCommand } from '@aws-sdk/client-neptune-graph';
import { ExecuteOpenCypherQueryCommand, GetEngineStatusCommand } from '@aws-sdk/client-neptunedata';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faults } from '../../emulator/api-errors.ts';
import { Switches } from '../../emulator/switches.ts';
import { type Bench, refusalOf, startBench } from './clients.ts';

const graphIdentifier = 'g-0123456789';

let bench: Bench;
let port: number;
beforeEach(async () => {
  bench = await startBench();
  port = (await bench.account.addCluster({ identifier: 'dev-1' })).port;
  bench.account.addGraph({ id: graphIdentifier, name: 'catalogue' });
});
afterEach(() => bench.close());

const dev = { DBClusterIdentifier: 'dev-1' };
const describeDev = () => bench.neptune.send(new DescribeDBClustersCommand(dev));
const stopDev = () => bench.neptune.send(new StopDBClusterCommand(dev));
const getGraph = () => bench.graph.send(new GetGraphCommand({ graphIdentifier }));
const engineStatus = () => bench.data(port).send(new GetEngineStatusCommand({}));
const status = async (answer: Promise<DescribeDBClustersCommandOutput>) => (await answer).DBClusters?.[0]?.Status;

describe('a throttle', () => {
  it('has the shape that each API gives it', async () => {
    bench.switches.throttle();
    const url = bench.createQueue('events');
    const send = bench.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
    const seen = await Promise.all([describeDev(), getGraph(), engineStatus(), send].map((call) => refusalOf(call)));
    expect(seen.map(({ name, status: code }) => [name, code])).toEqual([
      ['ThrottlingException', 400],
      ['ThrottlingException', 429],
      ['TooManyRequestsException', 429],
      ['RequestThrottled', 403],
    ]);
  });

  it('meets only what it matches, as often as it says', async () => {
    const rule = bench.switches.throttle({
      api: 'neptune',
      action: 'StopDBCluster',
      resource: 'db-cluster/dev-1',
      times: 2,
    });
    await describeDev();
    expect((await refusalOf(stopDev())).name).toBe('ThrottlingException');
    expect((await refusalOf(stopDev())).name).toBe('ThrottlingException');
    expect((await stopDev()).DBCluster?.Status).toBe('stopping');
    expect(rule.met).toBe(2);
    expect(bench.journal.requests({ action: 'StopDBCluster' }).map(({ outcome }) => outcome)).toEqual([
      'ThrottlingException',
      'ThrottlingException',
      200,
    ]);
  });

  it('happens by chance if it has a probability, and ends when removed', () => {
    const draws = [0.1, 0.9, 0.2];
    const switches = new Switches(() => draws.shift() ?? 0);
    const rule = switches.drop({}, { probability: 0.5 });
    const subject = { api: 'neptune', action: 'StopDBCluster' } as const;
    expect([1, 2, 3].map(() => switches.cutOf(subject, 'before'))).toEqual(['drop', undefined, 'drop']);
    rule.remove();
    expect(switches.cutOf(subject, 'before')).toBeUndefined();
  });
});

describe('a fault', () => {
  it.each(Object.keys(faults.neptune))('answers with %s of the management API', async (code) => {
    bench.switches.fault({ code });
    const [expected, wireCode] = [faults.neptune[code]].map((known) =>
      typeof known === 'number' || known === undefined ? [known, code] : known,
    )[0] as [number, string];
    const refused = await refusalOf(describeDev());
    expect([refused.status, refused.error['Code']]).toEqual([expected, wireCode]);
    expect(refused.name).toBe(code);
  });

  it.each(Object.keys(faults['neptune-graph']))('answers with %s of the graph API', async (code) => {
    bench.switches.fault({ code });
    expect(await refusalOf(getGraph())).toMatchObject({ name: code, status: faults['neptune-graph'][code] });
  });

  it.each(Object.keys(faults.neptunedata))('answers with %s of the data plane', async (code) => {
    bench.switches.fault({ code });
    const refused = await refusalOf(engineStatus());
    expect(refused).toMatchObject({ name: code, status: faults.neptunedata[code] });
  });

  it.each(Object.keys(faults.sqs))('answers with %s of SQS', async (code) => {
    bench.switches.fault({ code });
    const command = new SendMessageCommand({ QueueUrl: bench.createQueue('events'), MessageBody: 'x' });
    const refused = await refusalOf(bench.sqs.send(command));
    const known = faults.sqs[code];
    const [expected, wireCode] = typeof known === 'number' ? [known, code] : (known ?? []);
    expect(refused.status).toBe(expected);
    expect([code, wireCode]).toContain(refused.name);
  });

  it('may come by its wire code, with another status', async () => {
    bench.switches.fault({ code: 'InvalidDBInstanceState', status: 409, message: 'not now' });
    const refused = await refusalOf(stopDev());
    expect(refused).toMatchObject({ name: 'InvalidDBInstanceStateFault', status: 409 });
  });

  it('comes before the effect, or after it', async () => {
    bench.switches.fault({ code: 'ServiceUnavailable' }, { action: 'StopDBCluster', times: 1 });
    expect(await refusalOf(stopDev())).toMatchObject({ name: 'ServiceUnavailable', status: 503 });
    expect(bench.journal.effects()).toEqual([]);
    bench.switches.fault({ code: 'InternalFailure', when: 'after' }, { action: 'StopDBCluster', times: 1 });
    expect(await refusalOf(stopDev())).toMatchObject({ name: 'InternalFailure', status: 500 });
    expect(bench.journal.effects('stop-db-cluster', 'db-cluster/dev-1')).toHaveLength(1);
    expect(await status(describeDev())).toBe('stopping');
  });

  it('after the effect waits for a request that had one', async () => {
    const rule = bench.switches.fault(
      { code: 'InternalFailure', when: 'after' },
      { action: 'StopDBCluster', times: 1 },
    );
    bench.account.outsider.setClusterStatus('dev-1', 'modifying');
    expect((await refusalOf(stopDev())).name).toBe('InvalidDBClusterStateFault');
    expect(rule.met).toBe(0);
  });

  it('denies a query', async () => {
    bench.switches.fault({ code: 'AccessDeniedException' }, { action: 'ExecuteOpenCypherQuery' });
    const query = new ExecuteOpenCypherQueryCommand({ openCypherQuery: 'MATCH (n) RETURN n LIMIT 1' });
    expect(await refusalOf(bench.data(port).send(query))).toMatchObject({ name: 'AccessDeniedException', status: 403 });
    await engineStatus();
  });
});

describe('a dropped connection', () => {
  it('loses the request, or the answer to it', async () => {
    bench.switches.drop({}, { times: 1 });
    expect((await refusalOf(stopDev())).error['code']).toBe('ECONNRESET');
    expect(bench.journal.effects()).toEqual([]);
    bench.switches.drop({ when: 'after' }, { times: 1 });
    expect((await refusalOf(stopDev())).error['code']).toBe('ECONNRESET');
    expect(bench.journal.effects('stop-db-cluster')).toHaveLength(1);
    expect(bench.journal.requests().map(({ outcome }) => outcome)).toEqual(['dropped', 'dropped']);
  });
});

describe('a request that hangs', () => {
  it.each(['before', 'after'] as const)('does so %s the effect, until the client gives up', async (when) => {
    bench.switches.hang({ when }, { times: 1 });
    const call = bench.neptune.send(new StopDBClusterCommand(dev), { abortSignal: AbortSignal.timeout(100) });
    expect((await refusalOf(call)).name).toBe('AbortError');
    expect(bench.journal.effects()).toHaveLength(when === 'after' ? 1 : 0);
    expect(bench.journal.requests()[0]?.outcome).toBe('hung');
  });
});

it('a latency delays the answer, and the effect comes though the client has gone', async () => {
  bench.switches.latency(100, { action: 'DescribeDBClusters' });
  bench.switches.latency(50, { resource: 'db-cluster/dev-1' });
  const startedAt = performance.now();
  await describeDev();
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149);
  const call = bench.neptune.send(new StopDBClusterCommand(dev), { abortSignal: AbortSignal.timeout(10) });
  expect((await refusalOf(call)).name).toBe('AbortError');
  await expect.poll(() => bench.journal.effects('stop-db-cluster').length).toBe(1);
});

describe('a stale read', () => {
  it('answers as it was, for as long as it says after a change', async () => {
    bench.switches.stale(60_000, { resource: 'db-cluster/dev-1' });
    await stopDev();
    bench.clock.advance(59_999);
    expect(await status(describeDev())).toBe('available');
    expect((await refusalOf(stopDev())).name).toBe('InvalidDBClusterStateFault');
    bench.clock.advance(1);
    expect(await status(describeDev())).toBe('stopping');
    bench.clock.advance(4000);
    expect(await status(describeDev())).toBe('stopped');
    bench.switches.clear();
    bench.account.outsider.startCluster('dev-1');
    expect(await status(describeDev())).toBe('starting');
  });

  it('does not find what is new', async () => {
    bench.switches.stale(1000, { api: 'neptune-graph' });
    const made = await bench.graph.send(new CreateGraphSnapshotCommand({ graphIdentifier, snapshotName: 'nightly' }));
    const read = () => bench.graph.send(new GetGraphSnapshotCommand({ snapshotIdentifier: made.id }));
    expect((await refusalOf(read())).name).toBe('ResourceNotFoundException');
    expect((await getGraph()).status).toBe('AVAILABLE');
    bench.clock.advance(1000);
    expect((await read()).status).toBe('CREATING');
    expect((await getGraph()).status).toBe('SNAPSHOTTING');
  });
});
