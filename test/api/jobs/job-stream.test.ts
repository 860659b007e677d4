// That a stream ends when its reader may no longer read: the key or session is gone, or reaches less.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiKey } from '../../../src/api/auth/api-keys.ts';
import { endSession, openSession } from '../../../src/api/auth/session.ts';
import { keyOf as recordOf } from '../../../src/records/job.ts';
import type { Store } from '../../../src/records/store.ts';
import { type OpenStorage, storageKinds } from '../../support/storages.ts';
import { changeJob, endJob } from '../../support/jobs.ts';
import { keyOf } from '../board/board-service.ts';
import { type TestDoor, doorConfig, openDoor } from '../server.ts';

const operator = keyOf('operator', ['read', 'operation:*']);
const reader = () => keyOf('reader', ['read']);
/** What becomes of a reader's key, and how it is refused from then on. */
const losses: readonly [string, { key: string; entry: ApiKey }, (was: ApiKey) => ApiKey[], number][] = [
  ['is taken out', reader(), () => [], 401],
  ['is replaced by another of its id', reader(), ({ id }) => [{ ...reader().entry, id }], 401],
  ['may no longer read', reader(), (was) => [{ ...was, scopes: ['cancel'] }], 403],
  ['no longer reaches the job', reader(), (was) => [{ ...was, targets: ['prod'] }], 404],
];

describe.each(storageKinds())('the stream of a job on $name', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-stream-'));
  const file = join(folder, 'keys.json');
  const trouble = { on: false, met: 0 };
  let place: OpenStorage;
  let door: TestDoor;
  let url: string;
  let writes = 0;
  let entries = [operator, ...losses.map(([, each]) => each)].map(({ entry }) => entry);
  const configure = () => {
    writeFileSync(file, JSON.stringify(entries));
    utimesSync(file, new Date(), new Date(1_700_000_000_000 + (writes += 1) * 1_000));
  };

  beforeAll(async () => {
    place = await kind.open();
    const { store } = place.storage;
    const read: Store['read'] = (keys) => {
      if (!trouble.on || !keys.some((key) => key.startsWith(recordOf.session('')))) return store.read(keys);
      trouble.met += 1;
      return Promise.reject(new Error('The store is away.'));
    };
    configure();
    door = openDoor(
      { ...place.storage, store: { ...store, read } },
      { ...doorConfig, NEPTUNE_OPS_API_KEYS_FILE: file },
    );
    url = await door.server.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await door.close();
    await place.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const bearer = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });
  let jobs = 0;
  const accept = async () => {
    const payload = { dbClusterIdentifier: `dev-${(jobs += 1)}` };
    const answer = await door.ask('POST', '/v1/operations/stop-db-cluster', { headers: bearer(operator), payload });
    return answer.json<{ id: string }>().id;
  };
  const change = (id: string, status: string) => changeJob(place.storage.store, id, { state: 'running', status });
  const follow = (id: string, headers: Record<string, string>) => fetch(`${url}/v1/jobs/${id}/events`, { headers });

  it.each(losses)('ends when its reader’s key %s, and another reader’s goes on', async (_what, who, loss, refusal) => {
    const id = await accept();
    const stream = await follow(id, bearer(who));
    const other = await follow(id, bearer(operator));
    entries = entries.flatMap((entry) => (entry.id === who.entry.id ? loss(entry) : [entry]));
    configure();
    const told = await stream.text();
    expect(told).toContain('"state":"queued"');
    expect((await follow(id, bearer(who))).status).toBe(refusal);
    await change(id, 'still-followed');
    expect(told).not.toContain('still-followed');
    await endJob(place.storage.store, id, { state: 'succeeded', changed: true }, 'off');
    expect(await other.text()).toContain('still-followed');
  });

  it('ends when its reader signs out, and not when the store can’t be asked', async () => {
    const session = await openSession(place.storage.store, operator.entry);
    const cookie = { cookie: `neptune-ops-session=${session}` };
    const id = await accept();
    const stream = await follow(id, cookie);
    trouble.on = true;
    await expect.poll(() => trouble.met).toBeGreaterThan(1);
    await change(id, 'told-meanwhile');
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let heard = '';
    while (!heard.includes('told-meanwhile')) heard += decoder.decode((await reader.read()).value, { stream: true });
    trouble.on = false;
    await endSession(place.storage.store, session);
    while (!(await reader.read()).done);
    expect((await follow(id, cookie)).status).toBe(401);
  });
});
