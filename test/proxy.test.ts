// Calls to the outside through a proxy that the environment names, and past it: a real proxy on loopback, real clients.
import { type Server, type ServerResponse, createServer, get } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { SpanKind, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Aws, createAws, reading } from '../src/aws/clients.ts';
import { faultOf } from '../src/aws/faults.ts';
import { DescribeDBClustersCommand } from '../src/aws/sdk/neptune.ts';
import { proxyAgents } from '../src/proxy.ts';
import { createSqs } from '../src/aws/sqs.ts';
import { createEventSender } from '../src/queue/event-sender.ts';
import { startTracing } from '../src/tracing/start.ts';
import { silent } from './support/storages.ts';

const target = { name: 'default', region: 'eu-west-1' };

describe('a proxy', () => {
  let proxy: Server;
  let url: string;
  /** Where it was asked to open a way to, or for what. */
  let asked: string[];
  let onConnect: (socket: Socket) => void;
  let onRequest: (response: ServerResponse) => void;
  const aws: Aws[] = [];

  beforeEach(async () => {
    asked = [];
    onConnect = (socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    onRequest = (response) => response.end();
    proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume().on('end', () => onRequest(response));
    }).on('connect', (request, socket: Socket) => {
      asked.push(`CONNECT ${request.url}`);
      onConnect(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY']) {
      vi.stubEnv(name, undefined);
      vi.stubEnv(name.toLowerCase(), undefined);
    }
    for (const name of ['NEPTUNE', 'NEPTUNE_GRAPH', 'SQS']) vi.stubEnv(`AWS_ENDPOINT_URL_${name}`, undefined);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY');
  });
  afterEach(() => {
    for (const one of aws.splice(0)) one.close();
    vi.unstubAllEnvs();
    proxy.closeAllConnections();
    proxy.close();
  });

  async function faultOfCall(place: Parameters<typeof createAws>[0] = target) {
    const clients = createAws(place, { dataPlaneScheme: 'https' });
    aws.push(clients);
    return clients.neptune.send(new DescribeDBClustersCommand({}), reading()).then(
      () => undefined,
      (error: unknown) => faultOf(error),
    );
  }

  it('that is not named is not there', () => {
    expect(proxyAgents()).toBeUndefined();
    vi.stubEnv('NO_PROXY', '*');
    expect(proxyAgents()).toBeUndefined();
  });

  it.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])(
    'that %s names is asked, and its refusal is not taken for AWS’s',
    async (name) => {
      vi.stubEnv(name, url);
      const fault = await faultOfCall();
      expect(asked).toEqual(['CONNECT rds.eu-west-1.amazonaws.com:443']);
      expect(fault).toMatchObject({ class: 'transient', code: 'EPROXYREFUSED', effect: 'none' });
      expect(fault?.message).toBe(
        `The proxy ${new URL(url).host} answered 407 instead of opening a way to rds.eu-west-1.amazonaws.com.`,
      );
    },
  );

  it('that refuses says nothing of its password', async () => {
    vi.stubEnv('HTTPS_PROXY', url.replace('//', '//me:hunter2@'));
    expect((await faultOfCall())?.message).not.toContain('hunter2');
  });

  it('that never answers is given up like one that can not be reached', async () => {
    onConnect = () => undefined;
    vi.stubEnv('HTTPS_PROXY', url);
    expect(await faultOfCall()).toMatchObject({ class: 'transient' });
  });

  it('is asked for the credentials of a role as well', async () => {
    vi.stubEnv('HTTPS_PROXY', url);
    const fault = await faultOfCall({ ...target, role: 'arn:aws:iam::123456789012:role/ops' });
    expect(asked[0]).toBe('CONNECT sts.eu-west-1.amazonaws.com:443');
    expect(fault).toMatchObject({ class: 'transient', effect: 'none' });
  });

  it('is asked for the queue of completion events', async () => {
    vi.stubEnv('HTTPS_PROXY', url);
    const sender = createEventSender({
      queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/events',
      sqs: createSqs({ region: 'eu-west-1' }),
    });
    const sent = await sender.send({ id: 'a', group: 'g', body: '{}', attributes: {} } as never);
    sender.close();
    expect(asked).toEqual(['CONNECT sqs.eu-west-1.amazonaws.com:443']);
    expect(sent).toMatchObject({ is: 'later' });
  });

  it('gets the traces, whole, where their collector is elsewhere', async () => {
    const environment = { HTTP_PROXY: url, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.test:4318' };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const stop = await startTracing(environment, silent);
    trace.getTracer('test').startSpan('x', { kind: SpanKind.INTERNAL }).end();
    await stop();
    expect(asked).toEqual(['POST http://collector.test:4318/v1/traces']);
  });

  it.each([
    ['NO_PROXY names', 'http://ops.test:81/', '.other.test,ops.test'],
    ['is on this machine', 'http://127.0.0.1:1/', ''],
    ['is the metadata service', 'http://169.254.169.254:1/', ''],
  ])('is not asked for what %s', async (_what, place, none) => {
    vi.stubEnv('HTTP_PROXY', url);
    vi.stubEnv('NO_PROXY', none);
    const agents = proxyAgents();
    await new Promise((resolve) => {
      const request = get(place, { agent: agents?.httpAgent, timeout: 500 }, resolve).on('error', resolve);
      request.on('timeout', () => request.destroy(new Error('nobody there')));
    });
    agents?.httpAgent.destroy();
    expect(asked).toEqual([]);
  });
});
