// The clients of one target: where they lead, how long they wait, and the gate before a change.
import { setTimeout as pause } from 'node:timers/promises';
import { DescribeDBClustersCommand, StopDBClusterCommand } from '@aws-sdk/client-neptune';
import { CancelImportTaskCommand } from '@aws-sdk/client-neptune-graph';
import { ExecuteFastResetCommand, GetEngineStatusCommand } from '@aws-sdk/client-neptunedata';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, pipeline } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Aws, changing, createAws, gated, reading } from '../../src/aws/clients.ts';
import { faultOf } from '../../src/aws/faults.ts';
import { isLoopback } from '../../src/aws/loopback.ts';
import { createSqs } from '../../src/aws/sqs.ts';
import { startCredentialSource } from '../../emulator/credential-source.ts';

const describeAnswer =
  '<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters/></DescribeDBClustersResult></DescribeDBClustersResponse>';

interface Asked {
  readonly request: IncomingMessage;
  readonly body: string;
}

describe('the clients of a target', () => {
  let server: Server;
  let port: number;
  let asked: Asked[];
  let sockets: Set<Socket>;
  /** Answers a request; left out: it hangs. */
  let answer: ((asked: Asked) => { status?: number; body: string; type?: string } | undefined) | undefined;
  const open: Aws[] = [];

  beforeEach(async () => {
    asked = [];
    sockets = new Set();
    answer = () => ({ body: describeAnswer, type: 'text/xml' });
    server = createServer((request, response) => {
      sockets.add(request.socket);
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push({ request, body });
        const said = answer?.({ request, body });
        if (said === undefined) return;
        response.writeHead(said.status ?? 200, { 'content-type': said.type ?? 'application/json' });
        response.end(said.body);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    vi.stubEnv('AWS_ENDPOINT_URL_NEPTUNE', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_ENDPOINT_URL_NEPTUNE_GRAPH', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'base-key');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'base-secret');
  });
  afterEach(async () => {
    for (const aws of open.splice(0)) aws.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    vi.unstubAllEnvs();
    vi.useRealTimers();
  });

  function clients(target: { role?: string; region?: string } = {}, scheme: 'http' | 'https' = 'http'): Aws {
    const aws = createAws({ name: 'default', region: 'eu-west-1', ...target }, { dataPlaneScheme: scheme });
    open.push(aws);
    return aws;
  }
  const describeOnce = (aws: Aws) => aws.neptune.send(new DescribeDBClustersCommand({}), reading());

  it('never retry by themselves', async () => {
    answer = () => ({ status: 503, body: '<ErrorResponse/>', type: 'text/xml' });
    const aws = clients();
    await expect(describeOnce(aws)).rejects.toThrow();
    answer = () => ({ status: 500, body: '{"code":"ServerShutdownException","detailedMessage":"?"}' });
    const perform = new ExecuteFastResetCommand({ action: 'performDatabaseReset', token: 't' });
    await expect(aws.data({ host: '127.0.0.1', port }).send(perform)).rejects.toThrow();
    await expect(aws.graph.send(new CancelImportTaskCommand({ taskIdentifier: 't-0123456789' }))).rejects.toThrow();
    expect(asked).toHaveLength(3);
  });

  it('reuse one connection for calls after each other', async () => {
    const aws = clients();
    for (let call = 0; call < 5; call += 1) await describeOnce(aws);
    expect(asked).toHaveLength(5);
    expect(sockets.size).toBe(1);
  });

  it('make one data-plane client for an address', () => {
    const aws = clients();
    expect(aws.data({ host: '127.0.0.1', port: 1 })).toBe(aws.data({ host: '127.0.0.1', port: 1 }));
    expect(aws.data({ host: '127.0.0.1', port: 1 })).not.toBe(aws.data({ host: '127.0.0.1', port: 2 }));
  });

  it('sign for the region of the target', async () => {
    await describeOnce(clients({ region: 'us-east-2' }));
    expect(asked[0]?.request.headers.authorization).toMatch(/Credential=base-key\/\d{8}\/us-east-2\/rds\/aws4_request/);
  });

  it('speak http to a data plane on loopback only', () => {
    const aws = clients();
    for (const host of [
      '10.0.0.1',
      'db.cluster-x.eu-west-1.neptune.amazonaws.com',
      'localhost.evil.example',
      '0.0.0.0',
      '127.0.0.1.nip.io',
      '',
    ])
      expect(() => aws.data({ host, port: 8182 }), host).toThrow(/not on loopback/);
    for (const host of ['127.0.0.1', '127.9.9.9', 'localhost', '::1', '[::1]']) expect(isLoopback(host)).toBe(true);
  });

  it('speak https to a data plane otherwise', async () => {
    const settings = { dataPlaneScheme: 'https', dataPlaneHosts: ['127.0.0.1'] } as const;
    const aws = createAws({ name: 'default', region: 'eu-west-1' }, settings);
    open.push(aws);
    const secure = aws.data({ host: '127.0.0.1', port });
    await expect(secure.send(new GetEngineStatusCommand({}), reading())).rejects.toThrow(
      /SSL|TLS|wrong version|packet length/i,
    );
    expect(asked).toEqual([]);
  });

  it.each(['neptune', 'data'] as const)('break a hanging call of %s off after its time', async (which) => {
    answer = undefined;
    const aws = clients();
    const soon = { abortSignal: AbortSignal.timeout(100) };
    const call =
      which === 'neptune'
        ? aws.neptune.send(new DescribeDBClustersCommand({}), soon)
        : aws.data({ host: '127.0.0.1', port }).send(new GetEngineStatusCommand({}), soon);
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    expect(faultOf(error)).toMatchObject({ class: 'transient', code: 'TimeoutError', effect: 'unknown' });
    expect(asked).toHaveLength(1);
  });

  describe('of which a call takes too long', () => {
    const stop = () => new StopDBClusterCommand({ DBClusterIdentifier: 'dev-1' });
    const perform = () => new ExecuteFastResetCommand({ action: 'performDatabaseReset', token: 't' });
    const changes = [
      ['the newer SDK', (aws: Aws, gate: () => Promise<void>) => aws.neptune.send(gated(stop(), gate), changing())],
      [
        'the older SDK',
        (aws: Aws, gate: () => Promise<void>) =>
          aws.data({ host: '127.0.0.1', port }).send(gated(perform(), gate), changing()),
      ],
    ] as const;
    /** Time of the service's own passes; that of sockets doesn't. */
    const turnable = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const later = async () => {
      for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    const faultOfCall = (call: Promise<unknown>) =>
      call.then(
        () => undefined,
        (error: unknown) => faultOf(error),
      );

    it.each(changes)(
      'certainly sent nothing where the gate did not open in time, nor sends it later, in %s',
      async (_sdk, send) => {
        turnable();
        let open: () => void = () => undefined;
        let isAsked: () => void = () => undefined;
        const atGate = new Promise<void>((resolve) => (isAsked = resolve));
        const fault = faultOfCall(
          send(clients(), () => {
            isAsked();
            return new Promise((resolve) => (open = resolve));
          }),
        );
        await atGate;
        await vi.advanceTimersByTimeAsync(10_000);
        expect(await fault).toMatchObject({ class: 'transient', code: 'TimeoutError', effect: 'none' });
        open();
        await later();
        expect(asked).toEqual([]);
      },
    );

    it.each(changes)('may have changed something twenty seconds after the gate, in %s', async (_sdk, send) => {
      turnable();
      answer = undefined;
      let isOver = false;
      const fault = faultOfCall(send(clients(), () => Promise.resolve())).finally(() => (isOver = true));
      while (asked.length === 0) await later();
      await vi.advanceTimersByTimeAsync(19_000);
      await later();
      expect(isOver).toBe(false);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await fault).toMatchObject({ class: 'transient', code: 'TimeoutError', effect: 'unknown' });
    });

    it('are given up after ten seconds where the body of the answer never ends', async () => {
      server.removeAllListeners('request');
      const answering = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
      turnable();
      const fault = faultOfCall(describeOnce(clients()));
      const [, response] = await answering;
      response.writeHead(200, { 'content-type': 'text/xml' });
      response.write('<DescribeDBClustersResponse>');
      const isCutOff = once(response, 'close');
      await later();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await fault).toMatchObject({
        class: 'transient',
        message: 'DescribeDBClusters was given up after 10.0 s without an answer.',
      });
      await isCutOff;
    });

    it('say that it was the credentials that hung, after five seconds', async () => {
      const source = await startCredentialSource();
      source.does = 'hang';
      for (const [name, value] of Object.entries(source.env)) vi.stubEnv(name, value);
      for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
      vi.stubEnv('AWS_CONFIG_FILE', '/none');
      vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/none');
      vi.spyOn(console, 'warn').mockReturnValue();
      turnable();
      try {
        const aws = clients();
        const [newer, older] = changes.map(([, send]) => faultOfCall(send(aws, () => Promise.resolve())));
        const read = faultOfCall(describeOnce(aws));
        while (source.asked === 0) await later();
        await later();
        await vi.advanceTimersByTimeAsync(5_000);
        for (const fault of await Promise.all([newer, older, read]))
          expect(fault).toMatchObject({ class: 'credentials', code: 'CredentialsProviderError', effect: 'none' });
        expect(asked).toEqual([]);
      } finally {
        await source.close();
      }
    });
  });

  it('read no more of an answer than eight million bytes', async () => {
    let sent = 0;
    server.removeAllListeners('request');
    server.on('request', (_request, response: ServerResponse) => {
      const chunks = function* () {
        for (; sent < 700; sent += 1) yield Buffer.alloc(1_048_576, ' ');
      };
      pipeline(Readable.from(chunks()), response, () => undefined);
    });
    const aws = clients();
    for (const call of [
      () => describeOnce(aws),
      () => aws.data({ host: '127.0.0.1', port }).send(new GetEngineStatusCommand({}), reading()),
      () => aws.graph.send(new CancelImportTaskCommand({ taskIdentifier: 't-0123456789' }), reading()),
    ]) {
      sent = 0;
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect(faultOf(error)).toMatchObject({ class: 'transient', code: 'ForeignAnswer', effect: 'unknown' });
      expect(sent).toBeLessThan(100);
    }
  });

  it('use renewed keys of a file once AWS has refused the old ones, in every client', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-keys-'));
    const file = join(folder, 'credentials');
    const write = (key: string) =>
      writeFileSync(file, `[default]\naws_access_key_id = ${key}\naws_secret_access_key = secret\n`);
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
    const good = (key: string) => {
      write(key);
      answer = ({ request }) => {
        const isGood = String(request.headers.authorization).includes(`Credential=${key}/`);
        const says = { __type: 'InvalidClientTokenId', code: 'InvalidClientTokenId' };
        return isGood ? { body: '{}' } : { status: 403, body: JSON.stringify(says) };
      };
    };
    const sqs = createSqs({ region: 'eu-west-1', endpoint: `http://127.0.0.1:${port}` });
    try {
      const aws = clients();
      const calls = [
        () => aws.data({ host: '127.0.0.1', port }).send(new GetEngineStatusCommand({}), reading()),
        () => aws.graph.send(new CancelImportTaskCommand({ taskIdentifier: 't-0123456789' }), reading()),
        () => sqs.client.send(new GetQueueAttributesCommand({ QueueUrl: `http://127.0.0.1:${port}/1/q` }), reading()),
      ];
      for (const [index, call] of calls.entries()) {
        good(`FIRST${index}`);
        const first = await call().catch((error: unknown) => faultOf(error).class);
        if (first === 'credentials') await call();
        good(`SECOND${index}`);
        await expect(call().catch((error: unknown) => Promise.reject(new Error(faultOf(error).class)))).rejects.toThrow(
          'credentials',
        );
        await call();
      }
    } finally {
      sqs.close();
      rmSync(folder, { recursive: true });
    }
  });

  describe('a gated change', () => {
    const stop = () => new StopDBClusterCommand({ DBClusterIdentifier: 'dev-1' });
    const perform = () => new ExecuteFastResetCommand({ action: 'performDatabaseReset', token: 't' });

    it.each([
      ['the newer SDK', (aws: Aws, gate: () => Promise<void>) => aws.neptune.send(gated(stop(), gate))],
      [
        'the older SDK',
        (aws: Aws, gate: () => Promise<void>) => aws.data({ host: '127.0.0.1', port }).send(gated(perform(), gate)),
      ],
    ])('is signed before the gate and sent after it, in %s', async (_sdk, send) => {
      const aws = clients();
      answer = () => ({
        body: '<StopDBClusterResponse><StopDBClusterResult/></StopDBClusterResponse>',
        type: 'text/xml',
      });
      let signedAt = '';
      const gate = async () => {
        signedAt = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
        await pause(1_100);
        expect(asked, 'nothing has left yet').toEqual([]);
      };
      await send(aws, gate).catch(() => undefined);
      expect(asked).toHaveLength(1);
      const date = String(asked[0]?.request.headers['x-amz-date']);
      expect(date <= signedAt, `${date} was signed before the gate at ${signedAt}`).toBe(true);
    });

    it.each([
      ['the newer SDK', (aws: Aws, gate: () => Promise<void>) => aws.neptune.send(gated(stop(), gate))],
      [
        'the older SDK',
        (aws: Aws, gate: () => Promise<void>) => aws.data({ host: '127.0.0.1', port }).send(gated(perform(), gate)),
      ],
    ])('is not sent when the gate stays shut, in %s', async (_sdk, send) => {
      await expect(send(clients(), () => Promise.reject(new Error('the lock is lost')))).rejects.toThrow(
        'the lock is lost',
      );
      await pause(50);
      expect(asked).toEqual([]);
    });
  });

  describe('of a target with a role', () => {
    const role = 'arn:aws:iam::123456789012:role/neptune-ops';
    const assumed = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
      <AccessKeyId>role-key</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken>
      <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
    const isSts = ({ body }: Asked) => body.includes('Action=AssumeRole');

    it('assume it, and sign with what they got', async () => {
      answer = (one) => ({ body: isSts(one) ? assumed : describeAnswer, type: 'text/xml' });
      const aws = clients({ role });
      await describeOnce(aws);
      await describeOnce(aws);
      await aws
        .data({ host: '127.0.0.1', port })
        .send(new GetEngineStatusCommand({}), reading())
        .catch(() => undefined);
      const [sts = [], others = []] = [asked.filter(isSts), asked.filter((one) => !isSts(one))];
      expect(decodeURIComponent(sts[0]?.body ?? '')).toContain(`RoleArn=${role}`);
      expect(sts[0]?.request.headers.authorization).toContain('Credential=base-key/');
      expect(others).toHaveLength(3);
      for (const { request } of others) {
        expect(request.headers.authorization).toContain('Credential=role-key/');
        expect(request.headers['x-amz-security-token']).toBe('role-token');
      }
    });

    it('assume it once for all clients and calls at once', async () => {
      answer = (one) => ({ body: isSts(one) ? assumed : describeAnswer, type: 'text/xml' });
      const aws = clients({ role });
      await Promise.allSettled([
        ...Array.from({ length: 5 }, () => describeOnce(aws)),
        ...[1, 2, 3].map((last) =>
          aws.data({ host: `127.0.0.${last}`, port }).send(new GetEngineStatusCommand({}), reading()),
        ),
      ]);
      expect(asked.filter(isSts)).toHaveLength(1);
    });

    it.each([
      [
        'is denied the role',
        {
          status: 403,
          body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>',
        },
      ],
      [
        'has an expired token',
        {
          status: 403,
          body: '<ErrorResponse><Error><Code>ExpiredToken</Code><Message>expired</Message></Error></ErrorResponse>',
        },
      ],
      [
        'finds STS out of order',
        { status: 500, body: '<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>' },
      ],
    ])('are in trouble with credentials when it %s: nothing was done, and it may pass', async (_what, said) => {
      answer = (one) => (isSts(one) ? { ...said, type: 'text/xml' } : { body: describeAnswer, type: 'text/xml' });
      const error: unknown = await describeOnce(clients({ role })).catch((thrown: unknown) => thrown);
      expect(faultOf(error)).toMatchObject({ class: 'credentials', effect: 'none' });
      expect(faultOf(error).message).toContain(role);
      expect(asked.every(isSts)).toBe(true);
    });
  });
});
