// Addresses that don't go together: said in words before the first call, and by the SDK's own sentence in each.
import { DescribeDBClustersCommand } from '@aws-sdk/client-neptune';
import { GetEngineStatusCommand } from '@aws-sdk/client-neptunedata';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Aws, createAws, reading } from '../../src/aws/clients.ts';
import { endpointWarnings } from '../../src/aws/endpoints.ts';
import { faultOf } from '../../src/aws/faults.ts';
import { regionOfQueue } from '../../src/aws/sqs.ts';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';

let emulator: Emulator;
let port: number;
const open: Aws[] = [];
beforeAll(async () => {
  emulator = await startEmulator();
  await emulator.account.addCluster({ identifier: 'dev-1' });
  port = emulator.account.clusters.get('dev-1')?.port ?? 0;
});
afterAll(() => emulator.close());
afterEach(() => {
  for (const aws of open.splice(0)) aws.close();
  vi.unstubAllEnvs();
});

function clients(environment: Readonly<Record<string, string>>): Aws {
  for (const [name, value] of Object.entries({ ...emulator.env, ...environment })) vi.stubEnv(name, value);
  const aws = createAws({ name: 'default', region: 'eu-west-1' }, { dataPlaneScheme: 'http' });
  open.push(aws);
  return aws;
}
const settings = { AWS_REGION: 'eu-west-1', NEPTUNE_OPS_EVENTS_QUEUE_URL: undefined };
const engine = (aws: Aws) => aws.data({ host: '127.0.0.1', port }).send(new GetEngineStatusCommand({}), reading());

describe('FIPS', () => {
  it('is refused by the SDK with an address of one’s own, which is no error of the service’s', async () => {
    const aws = clients({ AWS_USE_FIPS_ENDPOINT: 'true' });
    for (const call of [engine(aws), aws.neptune.send(new DescribeDBClustersCommand({}), reading())]) {
      expect(faultOf(await call.catch((error: unknown) => error))).toEqual({
        class: 'permanent',
        code: 'EndpointError',
        message: 'Invalid Configuration: FIPS and custom endpoint are not supported',
        effect: 'none',
      });
    }
  });

  it('is told with what it keeps from working', async () => {
    vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true');
    expect(await endpointWarnings(settings, { AWS_ENDPOINT_URL_NEPTUNE: 'http://127.0.0.1:1' })).toEqual([
      'AWS_USE_FIPS_ENDPOINT is on, and AWS_ENDPOINT_URL_NEPTUNE set: the SDK refuses every call to such an address. Take one of them out.',
      expect.stringMatching(/^AWS_USE_FIPS_ENDPOINT is on, and the data plane of a DB cluster .* can’t be a FIPS one/),
    ]);
    expect(await endpointWarnings(settings, {})).toHaveLength(1);
  });
});

describe('dualstack', () => {
  it('does not keep a data plane from being asked at its own address', async () => {
    expect(await engine(clients({ AWS_USE_DUALSTACK_ENDPOINT: 'true' }))).toMatchObject({ status: 'healthy' });
  });

  it('is told only beside an address of one’s own', async () => {
    vi.stubEnv('AWS_USE_DUALSTACK_ENDPOINT', 'true');
    expect(await endpointWarnings(settings, {})).toEqual([]);
    expect(await endpointWarnings(settings, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })).toEqual([
      expect.stringMatching(/^AWS_USE_DUALSTACK_ENDPOINT is on, and AWS_ENDPOINT_URL set/),
    ]);
  });
});

describe('a queue', () => {
  it.each([
    ['https://sqs.us-east-1.amazonaws.com/123456789012/events', 'us-east-1'],
    ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/events', 'cn-north-1'],
    ['https://sqs-fips.us-gov-west-1.amazonaws.com/123456789012/events', 'us-gov-west-1'],
    ['https://sqs.eu-west-1.api.aws/123456789012/events', 'eu-west-1'],
    ['https://eu-west-1.queue.amazonaws.com/123456789012/events', 'eu-west-1'],
    ['https://vpce-1-a.sqs.eu-central-1.vpce.amazonaws.com/123456789012/events', 'eu-central-1'],
    ['http://127.0.0.1:4568/000000000000/events', undefined],
    ['https://queues.example.com/events', undefined],
  ])('at %s is in %s', (url, region) => {
    expect(regionOfQueue(url)).toBe(region);
  });

  it('in another region than its requests are signed for is told', async () => {
    const at = (region: string) => ({
      ...settings,
      NEPTUNE_OPS_EVENTS_QUEUE_URL: `https://sqs.${region}.amazonaws.com/123456789012/events`,
    });
    expect(await endpointWarnings(at('us-east-1'), {})).toEqual([
      'NEPTUNE_OPS_EVENTS_QUEUE_URL names a queue in us-east-1, and requests are signed for eu-west-1: SQS will refuse every event. Make a queue in eu-west-1.',
    ]);
    expect(await endpointWarnings(at('eu-west-1'), {})).toEqual([]);
  });
});
