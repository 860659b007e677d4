import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, NeptuneOpsError, connect } from '../../src/index.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';
import { patience } from '../support/patience.ts';

let service: RunningService;
let client: Client;

beforeAll(async () => {
  service = await startRunningService();
  client = connect({ url: service.url });
});
afterAll(() => service?.close());

async function refusal(deed: Promise<unknown>): Promise<NeptuneOpsError> {
  const error = await deed.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NeptuneOpsError);
  return error as NeptuneOpsError;
}

/** A `fetch` that meets `trouble` before it asks the service, and notes what was asked. */
function troubled(...trouble: (() => Promise<Response> | Response)[]) {
  const asked: Request[] = [];
  const fetch = async (...args: Parameters<typeof globalThis.fetch>) => {
    const request = new Request(...args);
    asked.push(request.clone());
    return (await trouble.shift()?.()) ?? globalThis.fetch(request);
  };
  return { asked, fetch };
}

const cut = (): Promise<Response> => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } }));

describe('the client, asking a real service', () => {
  it('enqueues, waits for the end, asks and lists', async () => {
    const job = await client.enqueue('stop-db-cluster', { dbClusterIdentifier: 'Reports-1' });
    expect(job).toMatchObject({ operation: 'stop-db-cluster', input: { dbClusterIdentifier: 'reports-1' } });
    const ended = await client.waitFor(job, { timeoutMs: patience });
    expect(ended.outcome).toMatchObject({ state: 'succeeded', changed: true, result: { status: 'stopped' } });
    expect((await client.get(job.id)).state).toBe('succeeded');
    const found = [];
    for await (const one of client.jobs({ resource: job.resource, since: new Date(0) })) found.push(one.id);
    expect(found).toEqual([job.id]);
    expect((await client.operations()).map(({ name }) => name)).toContain('stop-db-cluster');
  });

  it('reads every page', async () => {
    const jobs = [];
    for (let number = 0; number < 5; number += 1) {
      jobs.push(await client.enqueue('stop-db-cluster', { dbClusterIdentifier: `page-${number}` }));
    }
    const filter = { operation: 'stop-db-cluster', since: jobs[0]?.createdAt } as const;
    const first = await client.page({ ...filter, limit: 2 });
    expect(first.jobs).toHaveLength(2);
    const next = await client.page({ ...filter, limit: 100, cursor: first.nextCursor ?? undefined });
    expect([...first.jobs, ...next.jobs].map(({ id }) => id)).toEqual(jobs.map(({ id }) => id).toReversed());
  });

  it('tells a refusal with its stable code, its status, its fields and its holder', async () => {
    const wrong = await refusal(client.enqueue('stop-db-cluster', { dbClusterIdentifier: '-' }));
    expect(wrong).toMatchObject({ code: 'invalid-input', status: 400, errors: [{ path: 'dbClusterIdentifier' }] });
    await service.emulator.setDurations({ stopMs: 3_000 });
    const holder = await client.enqueue('start-db-cluster', { dbClusterIdentifier: 'staging-1' });
    const busy = await refusal(client.enqueue('stop-db-cluster', { dbClusterIdentifier: 'staging-1' }));
    expect(busy).toMatchObject({ code: 'resource-busy', status: 409, holder: holder.id });
    const inLine = await client.enqueue('stop-db-cluster', { dbClusterIdentifier: 'staging-1' }, { onBusy: 'wait' });
    expect(inLine.state).toBe('waiting');
    expect(await refusal(client.get('nowhere'))).toMatchObject({ code: 'job-not-found', status: 404 });
    expect(await refusal(client.cancel((await client.waitFor(holder)).id))).toMatchObject({ code: 'already-ended' });
  });

  it('cancels, and the end says so', async () => {
    const job = await client.enqueue('watch-import-task', { taskIdentifier: 't-cancel0001' });
    await client.cancel(job);
    const ended = await client.waitFor(job.id, { timeoutMs: patience });
    expect(ended.outcome).toMatchObject({ state: 'cancelled', changed: false });
  });

  it('stops waiting after its time and when it is told to, and the job goes on', async () => {
    const job = await client.enqueue('watch-import-task', { taskIdentifier: 't-cancel0001' });
    const late = await refusal(client.waitFor(job, { timeoutMs: 300 }));
    expect(late.code).toBe('wait-timed-out');
    const reason = new Error('enough');
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 200);
    await expect(client.waitFor(job, { signal: stop.signal })).rejects.toBe(reason);
    expect((await client.get(job)).outcome).toBeNull();
    const [seen, enough] = [[] as string[], new AbortController()];
    const onProgress = ({ state }: { state: string }) => seen.push(state) > 1 && enough.abort(reason);
    await expect(client.waitFor(job, { signal: enough.signal, onProgress })).rejects.toBe(reason);
    expect(seen).toHaveLength(2);
    await client.cancel(job);
  });
});

describe('the client, when something is in the way', () => {
  it('asks again under one idempotency key when an answer is lost, so that there is one job', async () => {
    const lost = async (request: Request) => (await globalThis.fetch(request), cut());
    const { asked, fetch } = troubled(() => lost((asked[0] as Request).clone()), cut);
    const job = await connect({ url: service.url, fetch }).enqueue('stop-db-cluster', {
      dbClusterIdentifier: 'lost-1',
    });
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
    const { jobs } = await client.page({ resource: job.resource });
    expect(jobs.map(({ id }) => id)).toEqual([job.id]);
  });

  it('comes back no sooner than the service says', async () => {
    const busy = () => Response.json({ code: 'too-many' }, { status: 429, headers: { 'retry-after': '1' } });
    const { asked, fetch } = troubled(busy, () => new Response('<html>', { status: 502 }));
    const began = performance.now();
    await connect({ url: service.url, fetch }).operations();
    expect(performance.now() - began).toBeGreaterThan(1_000);
    expect(asked).toHaveLength(3);
  });

  it('does not ask again what is refused, nor what would take longer than it has patience', async () => {
    const refused = troubled();
    await refusal(connect({ url: service.url, fetch: refused.fetch }).get('nowhere'));
    expect(refused.asked).toHaveLength(1);
    const slow = troubled(() => Response.json({ code: 'busy' }, { status: 429, headers: { 'retry-after': '3600' } }));
    const error = await refusal(connect({ url: service.url, fetch: slow.fetch }).operations());
    expect(error).toMatchObject({ code: 'busy', status: 429, retryAfterMs: 3_600_000 });
    expect(slow.asked).toHaveLength(1);
  });

  it('looks again and again where the service does not hold its answer back', async () => {
    const job = { id: '1', outcome: null };
    const answers = [job, job, { ...job, outcome: { state: 'succeeded' } }];
    const { asked, fetch } = troubled(...answers.map((body) => () => Response.json(body)));
    const ended = await connect({ url: service.url, fetch }).waitFor('1');
    expect(ended.outcome.state).toBe('succeeded');
    expect(asked.map(({ headers }) => headers.get('prefer'))).toEqual([null, 'wait=20', 'wait=20']);
  });

  it('outwaits a restart of the service', async () => {
    const { fetch } = troubled(cut, cut, cut);
    const job = await client.enqueue('stop-db-cluster', { dbClusterIdentifier: 'lost-2' });
    expect((await connect({ url: service.url, fetch }).waitFor(job)).state).toBe('failed');
  });

  it('says where nobody answers, and never shows the key', async () => {
    const apiKey = 'ab12cd.very-secret';
    const nowhere = await refusal(connect({ url: 'http://127.0.0.1:1', apiKey, retryForMs: 0 }).operations());
    expect(nowhere).toMatchObject({ code: 'unreachable', status: undefined });
    expect(nowhere.message).toContain('http://127.0.0.1:1');
    expect(JSON.stringify(nowhere) + String(nowhere.stack)).not.toContain('very-secret');
    expect(() => connect({ url: service.url, apiKey: `${apiKey}\n` })).toThrow(/^((?!very-secret).)*$/s);
    expect(() => connect({ url: 'http://someone:very-secret@127.0.0.1' })).toThrow(/^((?!very-secret).)*$/s);
    expect(() => connect({ url: 'redis://127.0.0.1' })).toThrow(NeptuneOpsError);
  });

  it('sends the key as a bearer, and not on to where a redirect leads', async () => {
    const heard: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      heard.push(request.headers.authorization);
      response.writeHead(307, { location: `${service.url}/v1/operations` }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error = await refusal(connect({ url, apiKey: 'ab12cd.secret' }).operations());
    server.close();
    expect(error).toMatchObject({ code: 'unexpected-answer', status: 307 });
    expect(heard).toEqual(['Bearer ab12cd.secret']);
  });
});
