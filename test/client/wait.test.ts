// A wait goes on until the caller's own time is up, whatever is between: a load balancer, a restart, a gateway that fails.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type NeptuneOpsError, connect } from '../../src/index.ts';
import { startIdleProxy } from '../support/idle-proxy.ts';
import { endJob } from '../support/jobs.ts';
import { patience } from '../support/patience.ts';
import { type OpenStorage, type StorageKind, storageKinds } from '../support/storages.ts';
import { type TestDoor, doorConfig, openDoor } from '../api/server.ts';

let place: OpenStorage;
let door: TestDoor;
let url: string;
let jobs = 0;

beforeAll(async () => {
  const [kind] = storageKinds();
  place = await (kind as StorageKind).open();
  door = openDoor(place.storage);
  url = await door.server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await door.close();
  await place.close();
});

const accept = () => connect({ url }).enqueue('stop-db-cluster', { dbClusterIdentifier: `dev-${(jobs += 1)}` });

const end = (id: string) => endJob(place.storage.store, id, { state: 'succeeded', changed: true }, 'off');

/** A `fetch` that meets trouble for as long as there is any, and notes what was asked. */
function troubled(trouble: (number: number) => Response | Promise<Response> | undefined) {
  const waits: (string | null)[] = [];
  const fetch: typeof globalThis.fetch = async (address, request) => {
    waits.push(new Headers(request?.headers).get('prefer'));
    return (await trouble(waits.length)) ?? globalThis.fetch(address, request);
  };
  return { waits, fetch };
}

describe('a wait', () => {
  it('goes on behind a load balancer that cuts what is idle, however short that is', async () => {
    const proxy = await startIdleProxy(url, 300);
    try {
      const job = await accept();
      const ended = connect({ url: proxy.url }).waitFor(job, { timeoutMs: patience });
      await expect.poll(proxy.cuts, { timeout: patience }).toBeGreaterThan(3);
      await end(job.id);
      expect((await ended).outcome.state).toBe('succeeded');
    } finally {
      await proxy.close();
    }
  });

  it('asks for no longer than half a minute, and for less where that is cut', async () => {
    const job = await accept();
    const cut = (number: number) => (number % 2 === 0 && number < 9 ? Promise.reject(new TypeError('cut')) : undefined);
    const { waits, fetch } = troubled(cut);
    const ended = connect({ url, fetch }).waitFor(job, { timeoutMs: patience });
    await expect.poll(() => waits.length, { timeout: patience }).toBeGreaterThan(9);
    await end(job.id);
    await ended;
    expect(waits.filter((wait) => wait !== null).slice(0, 5)).toEqual([20, 10, 5, 2, 1].map((most) => `wait=${most}`));
  });

  it('goes on over a restart of the service that takes longer than other requests are tried again', async () => {
    const job = await accept();
    const first = openDoor(place.storage);
    const address = await first.server.listen({ host: '127.0.0.1', port: 0 });
    const { port } = new URL(address);
    const troubles: string[] = [];
    const onTrouble = ({ code }: NeptuneOpsError) => troubles.push(code);
    let asked = 0;
    const fetch: typeof globalThis.fetch = (...args) => ((asked += 1), globalThis.fetch(...args));
    const ended = connect({ url: address, retryForMs: 0, fetch }).waitFor(job, { onTrouble });
    await expect.poll(() => asked, { timeout: patience }).toBe(2);
    await first.close();
    await expect.poll(() => troubles.length, { timeout: patience }).toBeGreaterThan(3);
    await end(job.id);
    const second = openDoor(place.storage);
    try {
      await second.server.listen({ host: '127.0.0.1', port: Number(port) });
      expect((await ended).outcome.state).toBe('succeeded');
      expect(new Set(troubles)).toEqual(new Set(['unreachable']));
    } finally {
      await second.close();
    }
  });

  it.each([
    ['a gateway’s 502', () => new Response('<html>', { status: 502 })],
    ['a gateway’s own page', () => new Response('<html>back soon</html>', { status: 200 })],
    ['an error of an ingress', () => new Response('default backend - 404', { status: 404 })],
    ['no room for more', () => Response.json({ code: 'too-many-waits' }, { status: 429 })],
    ['a code of a CDN', () => new Response('', { status: 521 })],
  ])('outlasts %s', async (_what, answer) => {
    const job = await accept();
    const { waits, fetch } = troubled((number) => (number > 1 && number < 5 ? answer() : undefined));
    const ended = connect({ url, fetch, retryForMs: 0 }).waitFor(job);
    await expect.poll(() => waits.length, { timeout: patience }).toBeGreaterThan(5);
    await end(job.id);
    expect((await ended).state).toBe('succeeded');
  });

  it('ends with its caller’s time, and says what it met last', async () => {
    const job = await accept();
    const { fetch } = troubled((number) => (number > 1 ? Promise.reject(new TypeError('cut')) : undefined));
    const wait = connect({ url, fetch }).waitFor(job, { timeoutMs: 1_000 });
    await expect(wait).rejects.toMatchObject({ code: 'wait-timed-out', cause: { code: 'unreachable' } });
  });

  it('ends at once with what doesn’t pass', async () => {
    const refused = (client: Client) => client.waitFor('nowhere');
    await expect(refused(connect({ url }))).rejects.toMatchObject({ code: 'job-not-found' });
    const elsewhere = troubled(() => new Response('<html>another service</html>', { status: 404 }));
    await expect(refused(connect({ url, fetch: elsewhere.fetch }))).rejects.toMatchObject({
      code: 'unexpected-answer',
    });
  });

  it('without a time of its own gives up where nobody ever answered', async () => {
    const wait = connect({ url: 'http://127.0.0.1:1', retryForMs: 300 }).waitFor('1');
    await expect(wait).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('is looked for, not held, where there is no room for one more, and is refused with a time to come back', async () => {
    const [job, small] = [await accept(), openDoor(place.storage, { ...doorConfig, NEPTUNE_OPS_WAITS: 1 })];
    const address = await small.server.listen({ host: '127.0.0.1', port: 0 });
    try {
      const held = fetch(`${address}/v1/jobs/${job.id}`, { headers: { prefer: 'wait=60' } });
      const refusals = async () => {
        const answer = await fetch(`${address}/v1/jobs/${job.id}`, { headers: { prefer: 'wait=1' } });
        return [answer.status, answer.headers.get('retry-after')];
      };
      await expect.poll(refusals, { timeout: patience }).toEqual([429, '20']);
      await end(job.id);
      expect((await held).status).toBe(200);
      await expect.poll(async () => (await refusals())[0], { timeout: patience }).toBe(200);
    } finally {
      await small.close();
    }
  });
});
