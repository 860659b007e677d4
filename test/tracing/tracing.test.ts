// Traces: one for a job, from its caller through another process to AWS and the event; and nothing at all while they are off.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tracingWish } from '../../src/tracing/start.ts';
import { newDataFolder } from '../support/data-folder.ts';
import { type EmulatorProcess, startEmulatorProcess } from '../support/emulator-process.ts';
import { loadedBy } from '../support/loaded-by.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { soon } from '../support/patience.ts';
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts';
import { ask, startServiceProcess } from '../support/service-process.ts';

const closing: (() => unknown)[] = [];
let emulator: EmulatorProcess;
let receiver: OtlpReceiver;
beforeEach(async () => {
  [emulator, receiver] = await Promise.all([startEmulatorProcess(), startOtlpReceiver()]);
  closing.push(
    () => emulator.close(),
    () => receiver.close(),
  );
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const kinds = { server: 2, client: 3, producer: 4, consumer: 5 };
const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

async function settings(more: Record<string, string>): Promise<Record<string, string>> {
  return {
    ...emulator.env,
    PORT: '0',
    NEPTUNE_OPS_POLL_MAX_MS: '200',
    NEPTUNE_OPS_EVENTS_QUEUE_URL: await emulator.createQueue('events'),
    ...more,
  };
}

function start(env: Record<string, string>, role?: 'api' | 'worker') {
  const service = startServiceProcess(env, role);
  closing.push(() => service.end('SIGKILL'));
  return service;
}

/** Asks for it, and waits until its event is out; its job's id. */
async function stopReports(url: string, headers: Record<string, string>): Promise<unknown> {
  const stop = { dbClusterIdentifier: 'reports-1' };
  const { id } = (await ask(url, 'POST', '/v1/operations/stop-db-cluster', stop, headers)).body;
  const event = async () => (await ask(url, 'GET', `/v1/jobs/${String(id)}`)).body['event'];
  await expect.poll(event).toBe('sent');
  return id;
}

/** What SQS was sent: the messages' bodies and their attributes' names. */
async function messages() {
  interface Entry {
    readonly MessageBody: string;
    readonly MessageAttributes: Readonly<Record<string, { readonly StringValue: string }>>;
  }
  return (await emulator.requests({ api: 'sqs' }))
    .flatMap(({ input }) => ((input['Entries'] ?? [input]) as Entry[]).filter(({ MessageBody }) => MessageBody))
    .map(({ MessageBody, MessageAttributes }) => ({
      event: JSON.parse(MessageBody) as Record<string, unknown>,
      attributes: MessageAttributes,
    }));
}

describe.skipIf(!hasRedisServer())('a job whose visits are in another process than its acceptance', () => {
  it('is one trace, from the caller to the event, with AWS’s calls below its visits', async () => {
    const redis = await startRedisServer();
    closing.push(() => redis.stop());
    const env = await settings({
      REDIS_URL: redis.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    const worker = start({ ...env, OTEL_SERVICE_NAME: 'neptune-ops-worker' }, 'worker');
    const api = start(env, 'api');
    const url = await api.started();
    const id = await stopReports(url, { traceparent: `00-${caller.traceId}-${caller.spanId}-01` });
    // What isn't sent yet is sent at the end.
    expect(await api.end('SIGTERM')).toMatchObject({ code: 0 });
    expect(await worker.end('SIGTERM')).toMatchObject({ code: 0 });

    const spans = receiver.spans.filter(({ traceId }) => traceId === caller.traceId);
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [request] = named('POST /v1/operations/:operation');
    expect(request).toMatchObject({
      kind: kinds.server,
      parentSpanId: caller.spanId,
      attributes: { 'http.request.method': 'POST', 'http.response.status_code': 202 },
      resource: { 'service.name': 'neptune-ops', 'deployment.environment.name': 'test' },
    });
    const [accepted] = named('enqueue stop-db-cluster');
    expect(accepted).toMatchObject({
      kind: kinds.producer,
      parentSpanId: request?.spanId,
      attributes: { 'messaging.message.id': id, 'neptune_ops.accepted': 'created' },
    });
    const visits = named('visit stop-db-cluster');
    expect(visits.length).toBeGreaterThan(1);
    for (const visit of visits) {
      expect(visit).toMatchObject({
        kind: kinds.consumer,
        parentSpanId: accepted?.spanId,
        attributes: { 'neptune_ops.resource': 'default/db-cluster/reports-1' },
        resource: { 'service.name': 'neptune-ops-worker' },
      });
    }
    const calls = spans.filter(({ kind }) => kind === kinds.client);
    for (const call of calls) expect(visits.map(({ spanId }) => spanId)).toContain(call.parentSpanId);
    expect(calls.filter(({ attributes }) => attributes['rpc.method'] === 'StopDBCluster')).toEqual([
      expect.objectContaining({
        name: 'neptune.StopDBCluster',
        attributes: expect.objectContaining({
          'rpc.system': 'aws-api',
          'cloud.region': 'eu-west-1',
          'http.response.status_code': 200,
          'aws.request_id': expect.stringMatching(/\S/) as string,
        }) as object,
      }),
    ]);
    expect(named('send completion-event')).toEqual([expect.objectContaining({ parentSpanId: accepted?.spanId })]);
    const traceparent = `00-${caller.traceId}-${accepted?.spanId}-01`;
    expect(await messages()).toEqual([
      expect.objectContaining({
        event: expect.objectContaining({ id: id, traceparent }) as object,
        attributes: expect.objectContaining({
          traceparent: expect.objectContaining({ StringValue: traceparent }) as object,
        }) as object,
      }),
    ]);
    // Nothing of what was asked for but the resource, and no health checks.
    expect(receiver.raw.join('')).not.toMatch(/dbClusterIdentifier|stand-in|readyz/);
  });
});

describe('one process', () => {
  it('begins a trace of its own where the caller has none, marks what failed, and ends in time with nobody listening', async () => {
    const folder = await newDataFolder();
    await emulator.addSwitch({
      does: 'fault',
      code: 'AccessDenied',
      api: 'neptune',
      action: 'StopDBCluster',
      times: 1,
    });
    const service = start(
      await settings({
        NEPTUNE_OPS_DATA_DIR: folder,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces`,
        OTEL_BSP_SCHEDULE_DELAY: '100',
      }),
    );
    const url = await service.started();
    await stopReports(url, { traceparent: 'nonsense' });
    const failed = () => receiver.spans.filter((span) => span.name === 'neptune.StopDBCluster');
    await expect.poll(failed).toMatchObject([{ failed: true, attributes: { 'error.type': 'AccessDenied' } }]);
    const [call] = failed();
    const traces = new Set(
      receiver.spans.filter(({ name }) => /visit|enqueue|StopDB/.test(name)).map(({ traceId }) => traceId),
    );
    expect([...traces]).toEqual([call?.traceId]);
    await receiver.close();
    const began = performance.now();
    expect(await service.end('SIGTERM')).toMatchObject({ code: 0 });
    expect(performance.now() - began).toBeLessThan(soon);
  });

  it('traces nothing while it is off, and its events say nothing of traces', async () => {
    const folder = await newDataFolder();
    const service = start(
      await settings({
        NEPTUNE_OPS_DATA_DIR: folder,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_SDK_DISABLED: 'true',
      }),
    );
    const url = await service.started();
    await stopReports(url, { traceparent: `00-${caller.traceId}-${caller.spanId}-01` });
    await service.end('SIGTERM');
    expect(receiver.raw).toEqual([]);
    const [message] = await messages();
    expect(Object.keys(message?.event ?? {})).not.toContain('traceparent');
    expect(Object.keys(message?.attributes ?? {}).toSorted()).toEqual(['operation', 'resource', 'type']);
  });
});

it('while they are off, OpenTelemetry’s SDK is not loaded: only its API', () => {
  const loaded = [...loadedBy(new URL('../../src/service.ts', import.meta.url))];
  expect(loaded.filter((name) => name.startsWith('@opentelemetry/'))).toEqual(['@opentelemetry/api']);
});

describe('OpenTelemetry’s settings', () => {
  const endpoint = 'http://127.0.0.1:4318';
  it.each([
    [{}, false],
    [{ OTEL_SERVICE_NAME: 'x' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint }, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, false],
    [{ OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, false],
  ])('%j: traces are sent: %s', (environment, on) => {
    expect(tracingWish(environment)).toEqual({ on });
  });

  it('that are not understood are told', () => {
    expect(tracingWish({ OTEL_TRACES_EXPORTER: 'zipkin' })).toEqual({
      on: false,
      why: expect.stringContaining('zipkin') as string,
    });
    const grpc = { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(tracingWish(grpc)).toEqual({ on: true, why: expect.stringContaining('grpc') as string });
  });
});
