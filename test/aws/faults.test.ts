// What an SDK error means: both generations of the SDK, wire code and class name, the network, answers that aren't AWS's.
import { DescribeDBClustersCommand } from '@aws-sdk/client-neptune';
import { GetGraphCommand } from '@aws-sdk/client-neptune-graph';
import { GetEngineStatusCommand } from '@aws-sdk/client-neptunedata';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Aws, createAws, reading } from '../../src/aws/clients.ts';
import { type Fault, faultOf, final } from '../../src/aws/faults.ts';

/** An error as an SDK client throws it. */
function sdkError(name: string, status?: number, more: object = {}): unknown {
  return Object.assign(new Error(`${name} happened`), {
    name,
    ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
    ...more,
  });
}

describe('an error by its name', () => {
  it.each([
    ['ThrottlingException', 429, 'throttled', 'none'],
    ['ThrottlingException', 400, 'throttled', 'none'],
    ['ThrottlingException', 500, 'throttled', 'unknown'],
    ['TooManyRequestsException', 429, 'throttled', 'none'],
    ['RequestLimitExceeded', 503, 'throttled', 'unknown'],
    ['KmsThrottled', 400, 'throttled', 'none'],
    ['SomethingNew', 429, 'throttled', 'none'],
    ['InternalServerException', 500, 'transient', 'unknown'],
    ['ServiceUnavailable', 503, 'transient', 'unknown'],
    ['SomethingNew', 504, 'transient', 'unknown'],
    ['ClientTimeoutException', 408, 'transient', 'unknown'],
    ['RequestTimeout', 408, 'transient', 'unknown'],
    ['ConstraintViolationException', 400, 'transient', 'none'],
    ['AbortError', undefined, 'transient', 'unknown'],
    ['TimeoutError', undefined, 'transient', 'unknown'],
    ['InsufficientDBInstanceCapacity', 400, 'transient', 'none'],
    ['InsufficientDBInstanceCapacityFault', 400, 'transient', 'none'],
    ['InsufficientDBClusterCapacityFault', 403, 'transient', 'none'],
    ['EndlessList', undefined, 'transient', 'unknown'],
    ['InvalidClusterState', 400, 'state', 'none'],
    ['InvalidDBClusterStateFault', 400, 'state', 'none'],
    ['InvalidDBInstanceState', 400, 'state', 'none'],
    ['InvalidDBInstanceStateFault', 400, 'state', 'none'],
    ['InvalidDBClusterSnapshotStateFault', 400, 'state', 'none'],
    ['ConflictException', 409, 'state', 'none'],
    ['PreconditionsFailedException', 400, 'state', 'none'],
    ['ExpiredToken', 403, 'credentials', 'none'],
    ['ExpiredTokenException', 403, 'credentials', 'none'],
    ['CredentialsProviderError', undefined, 'credentials', 'none'],
    ['UnrecognizedClientException', 403, 'credentials', 'none'],
    ['InvalidSignatureException', 403, 'credentials', 'none'],
    ['SignatureDoesNotMatch', 403, 'credentials', 'none'],
    ['RequestExpired', 400, 'credentials', 'none'],
    ['OptInRequired', 403, 'credentials', 'none'],
    ['SubscriptionRequiredException', 403, 'credentials', 'none'],
    ['MissingAuthenticationTokenException', 403, 'credentials', 'none'],
    ['EndpointError', undefined, 'permanent', 'none'],
    ['AccessDeniedException', 403, 'permanent', 'none'],
    ['ValidationException', 400, 'permanent', 'none'],
    ['ServiceQuotaExceededException', 402, 'permanent', 'none'],
    ['ResourceNotFoundException', 404, 'permanent', 'none'],
    ['DBClusterNotFoundFault', 404, 'permanent', 'none'],
    ['DBClusterSnapshotAlreadyExistsFault', 400, 'permanent', 'none'],
    ['SnapshotQuotaExceededFault', 400, 'permanent', 'none'],
    ['KMSKeyNotAccessibleFault', 400, 'permanent', 'none'],
    ['SomethingNew', 400, 'permanent', 'none'],
    ['TypeError', undefined, 'bug', 'unknown'],
  ])('%s with status %s is %s, its effect %s', (name, status, faultClass, effect) => {
    expect(faultOf(sdkError(name, status))).toMatchObject({ class: faultClass, code: name, effect });
  });

  it('or by its wire code, where the class is not known', () => {
    const error = sdkError('NeptuneServiceException', 400, { Code: 'InvalidDBInstanceState' });
    expect(faultOf(error).class).toBe('state');
  });

  it('takes the status of the older SDK from its response', () => {
    const error = Object.assign(new Error('?'), { name: '503', $response: { statusCode: 503 } });
    expect(faultOf(error)).toMatchObject({ class: 'transient', effect: 'unknown' });
  });

  it('takes the message of the older SDK from where it is', () => {
    const error = sdkError('BadRequestException', 400, { message: 'UnknownError', detailedMessage: 'the real one' });
    expect(faultOf(error).message).toBe('the real one');
  });

  it('counts a corrected clock as something that passes, and as not done', () => {
    const error = Object.assign(new Error('Signature expired'), {
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 403, clockSkewCorrected: true },
    });
    expect(faultOf(error)).toMatchObject({ class: 'transient', effect: 'none' });
  });

  it.each([undefined, null, 'text', 7, {}])('calls %j a bug', (thrown) => {
    expect(faultOf(thrown)).toMatchObject({ class: 'bug', effect: 'unknown' });
  });

  it('is permanent where the handler says so, in AWS’s words or its own', () => {
    expect(faultOf(final(sdkError('ConflictException', 409)))).toEqual({
      class: 'permanent',
      code: 'ConflictException',
      message: 'ConflictException happened',
      effect: 'none',
      status: 409,
    });
    const refusal = { code: 'snapshot-name-in-use', reason: 'Choose another.' };
    expect(faultOf(final(sdkError('ConflictException', 409), refusal)).refusal).toEqual(refusal);
  });
});

describe('a broken connection', () => {
  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])('%s was never made', (code) => {
    const fault = { class: 'transient', code, effect: 'none' };
    expect(faultOf(Object.assign(new Error(code), { code }))).toMatchObject(fault);
    expect(faultOf(Object.assign(new Error('?'), { name: 'TimeoutError', cause: { code } }))).toMatchObject(fault);
  });

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])('%s may have carried the request', (code) => {
    const error = Object.assign(new Error(code), { name: 'TimeoutError', code });
    expect(faultOf(error)).toMatchObject({ class: 'transient', code, effect: 'unknown' });
  });
});

interface Scripted {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

describe('an answer on the wire', () => {
  let server: Server;
  let aws: Aws;
  let script: Scripted | 'drop' = 'drop';
  let port = 0;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (script === 'drop') return void request.socket.destroy();
      response.writeHead(script.status, script.headers ?? {});
      response.end(script.body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    vi.stubEnv('AWS_ENDPOINT_URL_NEPTUNE', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_ENDPOINT_URL_NEPTUNE_GRAPH', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    aws = createAws({ name: 'default', region: 'eu-west-1' }, { dataPlaneScheme: 'http' });
  });
  afterAll(async () => {
    aws?.close();
    server?.closeAllConnections();
    server?.close();
    vi.unstubAllEnvs();
  });
  afterEach(() => {
    script = 'drop';
  });

  type Which = 'neptune' | 'graph' | 'data';

  async function faultIn(which: Which, scripted: Scripted | 'drop', on = port): Promise<Fault> {
    script = scripted;
    try {
      if (which === 'neptune') await aws.neptune.send(new DescribeDBClustersCommand({}), reading());
      if (which === 'graph') await aws.graph.send(new GetGraphCommand({ graphIdentifier: 'g-0123456789' }), reading());
      if (which === 'data')
        await aws.data({ host: '127.0.0.1', port: on }).send(new GetEngineStatusCommand({}), reading());
    } catch (error) {
      return faultOf(error);
    }
    throw new Error('the call succeeded');
  }

  const xml = (code: string) =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>said so</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`;
  const json = { 'content-type': 'application/json' };
  const typed = (name: string) => ({
    ...json,
    'x-amzn-errortype': `${name}:http://internal/`,
    'x-amzn-requestid': 'r-2',
  });

  it.each([
    [
      'neptune',
      'wire code',
      { status: 400, body: xml('InvalidDBInstanceState') },
      'state',
      'InvalidDBInstanceStateFault',
    ],
    [
      'neptune',
      'class name',
      { status: 400, body: xml('InvalidDBInstanceStateFault') },
      'state',
      'InvalidDBInstanceStateFault',
    ],
    ['neptune', 'a code of no model', { status: 400, body: xml('Throttling') }, 'throttled', 'Throttling'],
    ['neptune', 'an unknown code', { status: 400, body: xml('NeverSeen') }, 'permanent', 'NeverSeen'],
    [
      'graph',
      'a typed error',
      { status: 409, body: '{"message":"said so"}', headers: typed('ConflictException') },
      'state',
      'ConflictException',
    ],
    [
      'graph',
      'a type in the body',
      { status: 400, body: '{"__type":"com.amazonaws#ValidationException","message":"said so"}', headers: json },
      'permanent',
      'ValidationException',
    ],
    [
      'data',
      'a code in the body',
      {
        status: 429,
        body: '{"code":"TooManyRequestsException","requestId":"r-3","detailedMessage":"said so"}',
        headers: json,
      },
      'throttled',
      'TooManyRequestsException',
    ],
    [
      'data',
      'a code not modelled for the call',
      {
        status: 403,
        body: '{"code":"AccessDeniedException","requestId":"r-3","detailedMessage":"said so"}',
        headers: json,
      },
      'permanent',
      'AccessDeniedException',
    ],
  ] as const)('of %s with %s is known', async (which, _what, scripted, faultClass, code) => {
    expect(await faultIn(which, scripted)).toMatchObject({
      class: faultClass,
      code,
      message: 'said so',
      effect: 'none',
    });
  });

  it('carries AWS’s request id', async () => {
    const fault = await faultIn('graph', { status: 409, body: '{"message":"?"}', headers: typed('ConflictException') });
    expect(fault.requestId).toBe('r-2');
  });

  const everywhere: readonly Which[] = ['neptune', 'graph', 'data'];
  const foreign: readonly (readonly [string, string])[] = [
    ['text/plain', 'Forbidden'],
    ['text/html', '<html><body>nothing here</body></html>'],
    ['application/json', '{"half":'],
    ['text/xml', '<ErrorResponse><Err'],
  ];
  it.each(
    everywhere.flatMap((which) =>
      [200, 403, 404, 413, 502].flatMap((status) =>
        foreign.map(([type, body]) => [which, status, type, body] as const),
      ),
    ),
  )(
    'of %s with %i and %s that can’t be read is not AWS’s: it passes, and says nothing of the effect',
    async (which, status, type, body) => {
      expect(await faultIn(which, { status, body, headers: { 'content-type': type } })).toMatchObject({
        class: 'transient',
        effect: 'unknown',
      });
    },
  );

  it.each(everywhere)('that never came from %s may have been on its way', async (which) => {
    expect(await faultIn(which, 'drop')).toMatchObject({ class: 'transient', code: 'ECONNRESET', effect: 'unknown' });
  });

  it('from a port where nobody is was never asked for', async () => {
    const unused = createServer().listen(0, '127.0.0.1');
    await once(unused, 'listening');
    const { port: free } = unused.address() as AddressInfo;
    unused.close();
    await once(unused, 'close');
    expect(await faultIn('data', 'drop', free)).toMatchObject({
      class: 'transient',
      code: 'ECONNREFUSED',
      effect: 'none',
    });
  });
});
