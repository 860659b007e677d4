// Following a job: waiting for its end, and its changes as they come.
import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { JobWatch } from '../../../src/queue/job-watch.ts';
import type { JobRecord } from '../../../src/records/job.ts';
import { keyOf, readJob } from '../../../src/records/job.ts';
import type { Store } from '../../../src/records/store.ts';
import { type OpenStorage, storageKinds } from '../../support/storages.ts';
import { changeJob, endJob } from '../../support/jobs.ts';
import { type TestDoor, openDoor } from '../server.ts';

describe.each(storageKinds())('on $name', (kind) => {
  let place: OpenStorage;
  let door: TestDoor;
  let url: string;

  beforeAll(async () => {
    place = await kind.open();
    door = openDoor(place.storage);
    url = await door.server.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await door.close();
    await place.close();
  });

  async function accept(dbClusterIdentifier: string): Promise<string> {
    const answer = await door.ask('POST', '/v1/operations/stop-db-cluster', { payload: { dbClusterIdentifier } });
    return answer.json<{ id: string }>().id;
  }

  const change = (id: string, parts: Readonly<Record<string, unknown>>) => changeJob(place.storage.store, id, parts);
  const end = (id: string) =>
    endJob(place.storage.store, id, { state: 'succeeded', changed: true, status: 'stopped' }, 'off');

  it('answers a wait when the job has ended, before its time is up', async () => {
    const id = await accept('wait-1');
    const asked = fetch(`${url}/v1/jobs/${id}`, { headers: { prefer: 'respond-async, wait=30' } });
    await end(id);
    const answer = await asked;
    expect(answer.headers.get('preference-applied')).toBe('wait=30');
    expect(await answer.json()).toMatchObject({ state: 'succeeded' });
  });

  it('answers a wait with the job as it is when the time is up, and never waits longer than a minute', async () => {
    const id = await accept('wait-2');
    const answer = await fetch(`${url}/v1/jobs/${id}`, { headers: { prefer: 'wait=1' } });
    expect(await answer.json()).toMatchObject({ state: 'queued' });
    await end(id);
    const long = await fetch(`${url}/v1/jobs/${id}`, { headers: { prefer: 'wait=86400' } });
    expect(long.headers.get('preference-applied')).toBe('wait=60');
  });

  it('tells whoever keeps answers that they depend on the wish to wait', async () => {
    const id = await accept('wait-3');
    for (const headers of [{}, { prefer: 'wait=1' }]) {
      expect((await door.ask('GET', `/v1/jobs/${id}`, { headers })).headers['vary']).toBe('prefer');
    }
  });

  it('answers a HEAD for a stream with its headers alone, and follows nothing', async () => {
    const id = await accept('head-1');
    const subscribed = vi.spyOn(JobWatch.prototype, 'subscribe');
    const head = () => fetch(`${url}/v1/jobs/${id}/events`, { method: 'HEAD' });
    const answer = await head();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(await answer.text()).toBe('');
    expect(subscribed).not.toHaveBeenCalled();
    subscribed.mockRestore();
    await end(id);
    expect((await head()).status).toBe(200);
  });

  it('answers many waits at once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, index) => accept(`many-${index}`)));
    const waits = ids
      .flatMap((id) => [id, id, id])
      .map((id) => fetch(`${url}/v1/jobs/${id}`, { headers: { prefer: 'wait=20' } }));
    for (const id of ids) await end(id);
    for (const answer of await Promise.all(waits)) expect(await answer.json()).toMatchObject({ state: 'succeeded' });
  });

  it('streams each change once, goes on where a reader had got to, and ends with the job', async () => {
    const id = await accept('stream-1');
    const first = await fetch(`${url}/v1/jobs/${id}/events`);
    expect(first.headers.get('content-type')).toBe('text/event-stream');
    const reader = (first.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let heard = '';
    const hear = async (text: string) => {
      while (!heard.includes(text)) heard += decoder.decode((await reader.read()).value);
    };
    await hear('"state":"queued"');
    await change(id, { state: 'running', status: 'stopping' });
    await hear('"status":"stopping"');
    await reader.cancel();

    const last = /id: (\d+)\n(?![\s\S]*id: )/.exec(heard)?.[1] ?? '';
    await change(id, { progress: { percent: 50 } });
    await end(id);
    const rest = await (await fetch(`${url}/v1/jobs/${id}/events`, { headers: { 'last-event-id': last } })).text();
    const told = rest
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice(6)) as Partial<JobRecord>);
    expect(told).toMatchObject([
      { state: 'running', progress: { percent: 50 } },
      { state: 'succeeded', event: 'off' },
    ]);

    const { job } = await readJob(place.storage.store, id);
    const nothing = await fetch(`${url}/v1/jobs/${id}/events`, {
      headers: { 'last-event-id': String(job?.value.transition) },
    });
    expect(nothing.status).toBe(204);
  });

  it('tells nothing twice where nothing new happened', async () => {
    const id = await accept('stream-2');
    for (let index = 0; index < 5; index += 1) await change(id, { polls: index });
    await end(id);
    const text = await (await fetch(`${url}/v1/jobs/${id}/events`)).text();
    expect(text.match(/^id: /gm)).toHaveLength(2);
  });

  /** A door of the test's own, whose reads of the store it sees and can hold up. */
  async function openAnother(beforeRead: (keys: readonly string[]) => Promise<void> | void) {
    const { store } = place.storage;
    const read: Store['read'] = async (keys) => {
      await beforeRead(keys);
      return store.read(keys);
    };
    const another = openDoor({ ...place.storage, store: { ...store, read } });
    let connections = 0;
    another.server.server.on('connection', (socket) => {
      connections += 1;
      socket.once('close', () => (connections -= 1));
    });
    const at = await another.server.listen({ host: '127.0.0.1', port: 0 });
    return { at, close: another.close, connections: () => connections };
  }

  /** Closes the door; long before the longest wait would be over by itself. */
  async function closeAtOnce(close: () => Promise<void>): Promise<void> {
    const began = performance.now();
    await close();
    expect(performance.now() - began).toBeLessThan(50_000);
  }

  it('leaves nothing behind of readers that hang up, while they are told or before they were told anything', async () => {
    const watched: string[][] = [];
    const held = { key: '', reads: 0, goOn: () => {} };
    const free = new Promise<void>((resolve) => (held.goOn = resolve));
    const another = await openAnother((keys) => {
      watched.push([...keys]);
      if (!keys.includes(held.key)) return;
      held.reads += 1;
      return free;
    });
    const [stays, told, untold] = [await accept('stays'), await accept('told'), await accept('untold')];
    const intervals = vi.spyOn(globalThis, 'setInterval');
    const cleared = vi.spyOn(globalThis, 'clearInterval');
    const going = () => {
      const over = new Set(cleared.mock.calls.map(([timer]) => timer));
      return intervals.mock.results.filter(({ value }) => !over.has(value as NodeJS.Timeout)).length;
    };
    /** Not by `fetch`, which opens further connections on its own account. */
    const follow = (id: string) => request(`${another.at}/v1/jobs/${id}/events`, { agent: false }).end();
    try {
      const one = follow(stays);
      const readers = [follow(told), follow(told), follow(told)];
      await Promise.all([one, ...readers].map((reader) => once(reader, 'response')));
      expect(going()).toBe(4);
      held.key = keyOf.history(untold);
      for (let index = 0; index < 3; index += 1) readers.push(follow(untold).on('error', () => undefined));
      await expect.poll(() => held.reads).toBe(3);
      for (const reader of readers) reader.destroy();
      await expect.poll(another.connections).toBe(1);
      held.goOn();
      // One reader goes on, so the watch still looks: for that one's job, and for no other.
      watched.length = 0;
      await expect.poll(() => watched.filter((keys) => keys.includes(keyOf.job(stays))).length).toBeGreaterThan(3);
      expect(watched.at(-1)).toEqual([keyOf.job(stays)]);
      expect(going()).toBe(1);
      one.destroy();
      await expect.poll(going).toBe(0);
      expect(intervals.mock.calls.length).toBeGreaterThanOrEqual(4);
    } finally {
      intervals.mockRestore();
      cleared.mockRestore();
      await closeAtOnce(another.close);
    }
  });

  it('answers waits and ends streams that are under way when it closes, at once', async () => {
    const another = await openAnother(() => {});
    const id = await accept('closing-1');
    const subscribed = vi.spyOn(JobWatch.prototype, 'subscribe');
    const wait = fetch(`${another.at}/v1/jobs/${id}`, { headers: { prefer: 'wait=60' } });
    const stream = await fetch(`${another.at}/v1/jobs/${id}/events`);
    const told = stream.text();
    await expect.poll(() => subscribed.mock.calls.length).toBe(2);
    subscribed.mockRestore();
    await closeAtOnce(another.close);
    const answer = await wait;
    expect([answer.status, await answer.json()]).toMatchObject([200, { id, state: 'queued' }]);
    expect(await told).toContain('"state":"queued"');
  });

  it('keeps nobody waiting whose wait or stream begins while it closes', async () => {
    const id = await accept('closing-2');
    const held = { reads: 0, goOn: () => {} };
    const free = new Promise<void>((resolve) => (held.goOn = resolve));
    const another = await openAnother(() => {
      held.reads += 1;
      return free;
    });
    const wait = fetch(`${another.at}/v1/jobs/${id}`, { headers: { prefer: 'wait=60' } });
    const stream = fetch(`${another.at}/v1/jobs/${id}/events`);
    await expect.poll(() => held.reads).toBe(2);
    const ended = vi.spyOn(JobWatch.prototype, 'close');
    const closing = closeAtOnce(another.close);
    await expect.poll(() => ended.mock.calls.length).toBe(1);
    ended.mockRestore();
    held.goOn();
    expect(await (await wait).json()).toMatchObject({ id, state: 'queued' });
    expect(await (await stream).text()).toContain('"state":"queued"');
    await closing;
  });
});
