// What is told of each call to AWS, by real clients against the stand-ins.
import { DescribeDBClustersCommand, StopDBClusterCommand } from '@aws-sdk/client-neptune';
import { GetGraphCommand } from '@aws-sdk/client-neptune-graph';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Aws, type CallSeen, createAws, gated, reading } from '../../src/aws/clients.ts';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';
import { gateOf } from '../../src/workers/gate.ts';

describe('every call to AWS', () => {
  let emulator: Emulator;
  let aws: Aws;
  let seen: CallSeen[];

  beforeEach(async () => {
    emulator = await startEmulator();
    Object.assign(process.env, emulator.env);
    seen = [];
    const onCall = (call: CallSeen) => void seen.push(call);
    aws = createAws({ name: 'default', region: 'eu-west-1' }, { dataPlaneScheme: 'http', onCall });
  });
  afterEach(async () => {
    aws.close();
    await emulator.close();
  });

  const look = () => aws.neptune.send(new DescribeDBClustersCommand({}), reading()).catch(() => undefined);

  it('is told with its API, its action and how long it took', async () => {
    await look();
    await aws.graph.send(new GetGraphCommand({ graphIdentifier: 'g-0123456789' })).catch(() => undefined);
    expect(seen).toMatchObject([
      { api: 'neptune', action: 'DescribeDBClusters', result: 'ok' },
      { api: 'neptune-graph', action: 'GetGraph', result: 'permanent' },
    ]);
    for (const { milliseconds } of seen) expect(milliseconds).toBeGreaterThan(0);
  });

  it('is told by the class of its fault', async () => {
    const { switches } = emulator;
    switches.add({ does: 'throttle', times: 1 });
    await look();
    switches.add({ does: 'fault', code: 'InternalFailure', status: 500, times: 1 });
    await look();
    switches.add({ does: 'fault', code: 'ExpiredToken', status: 403, times: 1 });
    await look();
    switches.add({ does: 'fault', code: 'InvalidDBClusterStateFault', status: 400, times: 1 });
    await look();
    switches.add({ does: 'drop', times: 1 });
    await look();
    expect(seen.map(({ result }) => result)).toEqual(['throttled', 'transient', 'credentials', 'state', 'transient']);
  });

  it('is told as not sent where the gate stayed shut, and the error stays what it was', async () => {
    const shut = () => gateOf({ holds: () => Promise.resolve(false), stalls: 0 }).pass();
    const command = gated(new StopDBClusterCommand({ DBClusterIdentifier: 'dev-1' }), shut);
    await expect(aws.neptune.send(command)).rejects.toThrow('Another worker has the job.');
    expect(seen).toMatchObject([{ action: 'StopDBCluster', result: 'not-sent' }]);
    expect(emulator.journal.requests({ action: 'StopDBCluster' })).toEqual([]);
  });
});
