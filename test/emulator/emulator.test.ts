import { fileURLToPath } from 'node:url';
import { DescribeDBClustersCommand, NeptuneClient, StopDBClusterCommand } from '@aws-sdk/client-neptune';
import { GetImportTaskCommand } from '@aws-sdk/client-neptune-graph';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTurnableClock } from '../../emulator/clock.ts';
import { Journal } from '../../emulator/journal.ts';
import { addSamples, sample } from '../../emulator/sample.ts';
import { startEmulator } from '../../emulator/emulator.ts';
import { Timeline } from '../../emulator/timeline.ts';
import { startChild } from '../support/child.ts';
import { type Bench, refusalOf, signedHeaders, startBench } from './clients.ts';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

describe('the stand-ins', () => {
  it('end every socket at once', async () => {
    const emulator = await startEmulator();
    emulator.switches.hang();
    const hanging = fetch(`${emulator.endpoints.graph}/graphs`, { headers: signedHeaders('neptune-graph') });
    const ended = expect(hanging).rejects.toThrow('fetch failed');
    await expect.poll(() => emulator.journal.requests({ outcome: 'hung' }).length).toBe(1);
    await emulator.close();
    await ended;
  });

  it('are found by the SDK through the environment they name', async () => {
    bench = await startBench();
    const queue = bench.createQueue('events');
    for (const [name, value] of Object.entries(bench.env)) vi.stubEnv(name, value);
    const neptune = new NeptuneClient({ maxAttempts: 1 });
    await neptune.send(new DescribeDBClustersCommand({}));
    const sqs = new SQSClient({ maxAttempts: 1 });
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'events' }))).QueueUrl).toBe(queue);
    for (const client of [neptune, sqs]) client.destroy();
    vi.unstubAllEnvs();
  });

  it('have samples to play with', async () => {
    bench = await startBench();
    await addSamples(bench.account);
    expect(bench.account.describe()).toMatchObject({
      'db-cluster/dev-1': 'available',
      'db-cluster/dev-2': 'starting',
      'db-cluster/staging-1': 'stopped',
      'db-cluster/reports-1': 'available',
      [`import-task/${sample.importToCancel}`]: 'INITIALIZING',
    });
    bench.clock.advance(12_400);
    const read = async (taskIdentifier: string) => {
      return (await bench?.graph.send(new GetImportTaskCommand({ taskIdentifier })))?.status;
    };
    expect(await read(sample.importThatSucceeds)).toBe('SUCCEEDED');
    expect(await read(sample.importThatFails)).toBe('FAILED');
    bench.clock.advance(60_000);
    expect(bench.account.clusters.get('dev-2')?.status.now).toBe('available');
  });

  it('refuse two things of one name', async () => {
    bench = await startBench();
    await bench.account.addCluster({ identifier: 'dev-1' });
    await expect(bench.account.addCluster({ identifier: 'DEV-1' })).rejects.toThrow('dev-1 already');
    bench.account.outsider.deleteCluster('dev-1');
    bench.clock.advance(2000);
    await bench.account.addCluster({ identifier: 'dev-1' });
  });
});

describe('the control port', () => {
  const call = async (method: string, path: string, body?: unknown) => {
    const url = `${bench?.endpoints.control}${path}`;
    const answer = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
    return [answer.status, await answer.json()] as [number, Record<string, unknown>];
  };

  it('builds a world, turns the clock, sets switches and shows what happened', async () => {
    bench = await startBench();
    const [, cluster] = await call('POST', '/world/clusters', { identifier: 'dev-1', instances: 2, data: 3 });
    expect(cluster).toMatchObject({ identifier: 'dev-1', port: expect.any(Number), instances: [{}, {}] });
    await call('POST', '/world/graphs', { id: 'g-0123456789', name: 'catalogue' });
    await call('POST', '/world/import-tasks', { id: 't-0123456789', graphId: 'g-0123456789', plan: 'fail' });
    await call('PATCH', '/durations', { stopMs: 10 });
    await call('POST', '/switches', { does: 'throttle', api: 'neptune', times: 1 });
    const stop = () =>
      bench?.neptune.send(new StopDBClusterCommand({ DBClusterIdentifier: 'dev-1' })) ?? Promise.reject();
    expect((await refusalOf(stop())).name).toBe('ThrottlingException');
    await stop();
    await call('POST', '/clock/advance', { ms: 10 });
    expect((await call('GET', '/world'))[1]).toMatchObject({
      'db-cluster/dev-1': 'stopped',
      'graph/g-0123456789': 'IMPORTING',
      'import-task/t-0123456789': 'INITIALIZING',
    });
    await call('POST', '/outsider/setClusterStatus', { arguments: ['dev-1', 'backing-up', { forMs: 500 }] });
    expect(bench.account.clusters.get('dev-1')?.status.now).toBe('backing-up');
    const [, journal] = await call('GET', '/journal?resource=db-cluster/dev-1');
    expect(journal).toMatchObject({
      requests: [{ outcome: 'ThrottlingException' }, { outcome: 200 }],
      effects: [{ kind: 'stop-db-cluster' }, { kind: 'outsider', detail: { change: 'set-status' } }],
    });
    const [, queue] = await call('POST', '/queues', { name: 'events', fifo: true });
    expect(queue['url']).toContain('/events.fifo');
    await call('POST', '/switches', { does: 'drop' });
    await call('DELETE', '/switches');
    expect(bench.switches.list()).toEqual([]);
  });

  it('says what is wrong', async () => {
    bench = { ...(await startEmulator()) } as Bench;
    expect(await call('POST', '/clock/advance', { ms: 10 })).toEqual([400, { error: 'this clock runs by itself' }]);
    expect((await call('POST', '/outsider/explode', {}))[0]).toBe(400);
    expect((await call('POST', '/world/import-tasks', { graphId: 'g-none' }))[0]).toBe(400);
    expect((await call('GET', '/nowhere'))[0]).toBe(404);
  });
});

describe('time', () => {
  it('only goes forward', () => {
    expect(() => createTurnableClock().advance(-1)).toThrow(RangeError);
  });

  it('changes plans but not the past', () => {
    const clock = createTurnableClock(0);
    const line = new Timeline(clock, 'a');
    line.run([{ to: 'b', forMs: 10 }, { to: 'c' }]);
    clock.advance(5);
    line.run([{ to: 'd' }]);
    clock.advance(100);
    expect([-1, 0, 4, 5, 50].map((time) => line.at(time))).toEqual(['a', 'b', 'b', 'd', 'd']);
  });

  it('does not make the journal grow without end', () => {
    const journal = new Journal(createTurnableClock(0));
    for (let i = 0; i < 250_000; i += 1) journal.arrived('sqs', String(i));
    expect(journal.requests().length).toBeLessThanOrEqual(200_000);
    expect(journal.requests().at(-1)?.requestId).toBe('249999');
  });
});

it('runs as a process that says how to reach it and ends when told to', async () => {
  const main = fileURLToPath(new URL('../../emulator/main.ts', import.meta.url));
  const ports = { LOCAL_NEPTUNE_PORT: '0', LOCAL_GRAPH_PORT: '0', LOCAL_SQS_PORT: '0', LOCAL_CONTROL_PORT: '0' };
  const child = startChild(['--import', 'tsx', main], { ...process.env, ...ports, LOCAL_DATA_PLANE_PORT: '0' });
  await child.until('the address of its control port', (printed) => /# control:/.exec(printed)?.[0]);
  const text = child.printed();
  expect(text).toMatch(/^export AWS_ENDPOINT_URL_NEPTUNE=http:\/\/127\.0\.0\.1:\d+$/m);
  expect(text).toMatch(/^export NEPTUNE_OPS_EVENTS_QUEUE_URL=.*\/000000000000\/completion-events$/m);
  expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
});
