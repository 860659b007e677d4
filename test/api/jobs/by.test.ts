// Who asked for a job, as everybody who may see the job reads it; and that what one key may have is bounded.
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession } from '../../../src/api/auth/session.ts';
import { listJobs } from '../../../src/records/job-list.ts';
import { JobWatch } from '../../../src/queue/job-watch.ts';
import { jobIndexes, keyOf as recordOf } from '../../../src/records/job.ts';
import type { Store } from '../../../src/records/store.ts';
import { changeJob, endJob, endedJob } from '../../support/jobs.ts';
import { patience } from '../../support/patience.ts';
import { type OpenStorage, storageKinds } from '../../support/storages.ts';
import { keyOf } from '../board/board-service.ts';
import { type TestDoor, doorConfig, openDoor } from '../server.ts';

const operator = keyOf('operator', ['read', 'cancel', 'operation:*']);
const restricted = keyOf('restricted', ['read'], { resources: ['db-cluster/dev-*'] });

interface Answer {
  readonly id: string;
  readonly by: string | null;
}

describe.each(storageKinds())('the asker of a job on $name', (kind) => {
  let place: OpenStorage;
  let door: TestDoor;
  let url: string;
  const lines: string[] = [];
  /** What was read of the store, and how often. */
  const reads: string[] = [];
  let clusters = 0;

  beforeAll(async () => {
    place = await kind.open();
    const { store } = place.storage;
    const read: Store['read'] = (keys) => {
      reads.push(...keys);
      return store.read(keys);
    };
    const log = pino({}, { write: (line: string) => void lines.push(line) });
    const config = {
      ...doorConfig,
      NEPTUNE_OPS_API_KEYS: JSON.stringify([operator, restricted].map(({ entry }) => entry)),
      NEPTUNE_OPS_JOBS_PER_KEY: 40,
      NEPTUNE_OPS_WAITS_PER_KEY: 12,
    };
    door = openDoor({ ...place.storage, store: { ...store, read } }, config, undefined, log);
    url = await door.server.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await door.close();
    await place.close();
  });

  const bearer = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });
  const accept = async (headers: Record<string, string>, cluster = `dev-${(clusters += 1)}`) => {
    const payload = { dbClusterIdentifier: cluster };
    return (await door.ask('POST', '/v1/operations/stop-db-cluster', { headers, payload })).json<Answer>();
  };
  const end = (id: string) => endJob(place.storage.store, id, { state: 'succeeded', changed: true }, 'off');
  const get = async (path: string, who = operator) => door.ask('GET', path, { headers: bearer(who) });

  it('is a key, or a session that was opened with one, in answers, lists and the audit log', async () => {
    const session = await openSession(place.storage.store, operator.entry);
    const here = { host: '127.0.0.1:3000', 'sec-fetch-site': 'same-origin' };
    lines.length = 0;
    const byKey = await accept(bearer(operator));
    const bySession = await accept({ ...here, cookie: `neptune-ops-session=${session}` });
    const [key, browser] = [`key:${operator.entry.id}`, `session:${operator.entry.id}`];
    expect([byKey.by, bySession.by]).toEqual([key, browser]);
    expect((await get(`/v1/jobs/${byKey.id}`)).json()).toMatchObject({ by: key });
    for (const [by, job] of [
      [key, byKey],
      [browser, bySession],
    ] as const) {
      const found = (await get(`/v1/jobs?by=${by}`)).json<{ jobs: Answer[] }>().jobs;
      expect(found.map(({ id }) => id)).toContain(job.id);
      expect(new Set(found.map((each) => each.by))).toEqual(new Set([by]));
    }
    await expect.poll(() => lines.length).toBe(2);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { msg: 'audit', job: byKey.id, by: key },
      { msg: 'audit', job: bySession.id, by: browser },
    ]);
  });

  it('is whoever asked first, also where another joins', async () => {
    const { id, by } = await accept(bearer(operator), 'joined');
    const session = await openSession(place.storage.store, operator.entry);
    const here = { host: '127.0.0.1:3000', 'sec-fetch-site': 'same-origin', cookie: `neptune-ops-session=${session}` };
    expect(await accept(here, 'joined')).toMatchObject({ id, by });
  });

  it('is told to a restricted key of the jobs that it may see, and of no other', async () => {
    const [seen, unseen] = [await accept(bearer(operator)), await accept(bearer(operator), 'prod-1')];
    expect((await get(`/v1/jobs/${seen.id}`, restricted)).json()).toMatchObject({ by: `key:${operator.entry.id}` });
    expect((await get(`/v1/jobs/${unseen.id}`, restricted)).statusCode).toBe(404);
    const listed = (await get(`/v1/jobs?by=key:${operator.entry.id}&limit=100`, restricted)).json<{ jobs: Answer[] }>();
    expect(listed.jobs.map(({ id }) => id)).toContain(seen.id);
    expect(listed.jobs.map(({ id }) => id)).not.toContain(unseen.id);
  });

  it('is null of a job from before it was kept', async () => {
    const old = endedJob({ id: 'old-1', event: 'off' });
    await place.storage.store.commit([
      { op: 'create', key: recordOf.job(old.id), value: old, indexes: jobIndexes(old) },
    ]);
    expect((await get('/v1/jobs/old-1')).json()).toMatchObject({ by: null });
    expect((await listJobs(place.storage.store, { by: 'loopback' }, 100)).jobs).toEqual([]);
  });

  it('has so many waits and streams open and no more; one more read of the history serves them all', async () => {
    const { id } = await accept(bearer(operator));
    const follow = (path = `/v1/jobs/${id}/events`, more = {}) =>
      fetch(url + path, { headers: { ...bearer(operator), ...more } });
    const streams = await Promise.all(Array.from({ length: 12 }, () => follow()));
    expect(streams.map(({ status }) => status)).toEqual(Array(12).fill(200));
    for (const refused of [await follow(), await follow(`/v1/jobs/${id}`, { prefer: 'wait=1' })]) {
      expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'too-many-waits' }]);
    }
    const other = await fetch(`${url}/v1/jobs/${id}/events`, { headers: bearer(restricted) });
    expect(other.status).toBe(200);
    // Each was told once before it is counted.
    const told = streams.map((stream) => (stream.body as ReadableStream<Uint8Array>).getReader());
    const looks = () => reads.filter((key) => key === recordOf.job(id)).length;
    const before = looks();
    await expect.poll(looks, { timeout: patience }).toBeGreaterThan(before + 2);
    reads.length = 0;
    await changeJob(place.storage.store, id, { state: 'running', status: 'stopping' });
    const decoder = new TextDecoder();
    for (const reader of told) {
      let heard = '';
      while (!heard.includes('"stopping"')) heard += decoder.decode((await reader.read()).value, { stream: true });
    }
    expect(reads.filter((key) => key === recordOf.history(id))).toHaveLength(1);
    await end(id);
    for (const reader of told) while (!(await reader.read()).done);
    await other.text();
    await expect.poll(async () => (await follow(`/v1/jobs/${id}`, { prefer: 'wait=1' })).status).toBe(200);
  });

  it('gives its room back when it hangs up', async () => {
    const { id } = await accept(bearer(operator));
    const gone = new AbortController();
    const subscribed: string[] = [];
    const { subscribe } = JobWatch.prototype;
    JobWatch.prototype.subscribe = function (...args) {
      subscribed.push(args[0]);
      return subscribe.apply(this, args);
    };
    try {
      const ask = (signal?: AbortSignal) =>
        fetch(`${url}/v1/jobs/${id}`, {
          headers: { ...bearer(operator), prefer: 'wait=1' },
          ...(signal ? { signal } : {}),
        });
      const waits = Array.from({ length: 12 }, () =>
        fetch(`${url}/v1/jobs/${id}`, {
          headers: { ...bearer(operator), prefer: 'wait=60' },
          signal: gone.signal,
        }).catch(() => undefined),
      );
      await expect.poll(() => subscribed.length).toBe(12);
      expect((await ask()).status).toBe(429);
      gone.abort();
      await Promise.all(waits);
      await expect.poll(async () => (await ask()).status).toBe(200);
    } finally {
      JobWatch.prototype.subscribe = subscribe;
    }
  });

  it('is told with 429 that it has as many live jobs as it may', async () => {
    let answer = await door.ask('GET', '/healthz');
    for (let jobs = 0; jobs < 41 && answer.statusCode !== 429; jobs += 1) {
      const payload = { dbClusterIdentifier: `flood-${jobs}` };
      answer = await door.ask('POST', '/v1/operations/stop-db-cluster', { headers: bearer(operator), payload });
    }
    expect([answer.statusCode, answer.json()]).toMatchObject([429, { code: 'too-many-jobs' }]);
    expect(answer.json<{ detail: string }>().detail).toContain('NEPTUNE_OPS_JOBS_PER_KEY');
  });
});
