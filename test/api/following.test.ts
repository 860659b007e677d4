// Following a job: waiting for its end, and its changes as they come.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobRecord } from '../../src/records/job.ts';
import { readJob } from '../../src/records/job.ts';
import { endJob } from '../../src/workers/ending.ts';
import { JobFile } from '../../src/workers/job-file.ts';
import { type OpenStorage, storageKinds } from '../support/storages.ts';
import { type TestDoor, openDoor } from './door.ts';

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

  async function file(id: string): Promise<JobFile> {
    return (await JobFile.open(place.storage.store, id)) as JobFile;
  }

  async function end(id: string): Promise<void> {
    await endJob(
      await file(id),
      { state: 'succeeded', changed: true, status: 'stopped' },
      { events: false, resting: false },
    );
  }

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
    await (await file(id)).write({ state: 'running', status: 'stopping' });
    await hear('"status":"stopping"');
    await reader.cancel();

    const last = /id: (\d+)\n(?![\s\S]*id: )/.exec(heard)?.[1] ?? '';
    await (await file(id)).write({ progress: { percent: 50 } });
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
    for (let index = 0; index < 5; index += 1) await (await file(id)).write({ polls: index });
    await end(id);
    const text = await (await fetch(`${url}/v1/jobs/${id}/events`)).text();
    expect(text.match(/^id: /gm)).toHaveLength(2);
  });
});
