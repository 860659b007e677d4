import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { demandSameOrigin, localPath } from '../../../src/api/auth/browser.ts';
import { fixedKeys } from '../../../src/api/auth/api-keys.ts';
import { endSession, keyOfSession, openSession } from '../../../src/api/auth/session.ts';
import { signInPage, signOutPage } from '../../../src/api/auth/sign-in-page.ts';
import type { Config } from '../../../src/config.ts';
import { indexOf, keyOf as placeOf } from '../../../src/records/job.ts';
import type { Stored } from '../../../src/records/store.ts';
import { sweep } from '../../../src/workers/sweep.ts';
import { type OpenStorage, silent, storageKinds } from '../../support/storages.ts';
import { keyOf } from '../board/board-service.ts';
import { type TestDoor, doorConfig, openDoor } from '../server.ts';

/** How many sessions a key may have at once. */
const mostSessions = 20;

const reader = keyOf('reader', ['read']);
const operator = keyOf('operator', ['read', 'cancel', 'operation:*']);
const hour = 3_600_000;

describe.each(storageKinds())('signing in with a browser, sessions in $name', (kind) => {
  let now = Date.parse('2026-11-21T10:00:00Z');
  let place: OpenStorage;
  let door: TestDoor;
  let lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const config: Config = {
    ...doorConfig,
    NEPTUNE_OPS_BOARD: 'off',
    NEPTUNE_OPS_API_KEYS: JSON.stringify([reader.entry, operator.entry]),
  };

  beforeAll(async () => {
    place = await kind.open(() => now);
  });
  // A door of its own for each test, for the tries of an address are counted by it.
  beforeEach(async () => {
    await door?.close();
    lines = [];
    door = openDoor(place.storage, config, undefined, log);
  });
  afterEach(() => void vi.useRealTimers());
  afterAll(async () => {
    await door.close();
    await place.close();
  });

  const own = { host: '127.0.0.1:3000', 'sec-fetch-site': 'same-origin' };
  const form = (fields: Record<string, string>) => ({
    payload: new URLSearchParams(fields).toString(),
    headers: { ...own, 'content-type': 'application/x-www-form-urlencoded' },
  });
  const signIn = async (key: string, next = '/v1/jobs') => door.ask('POST', '/sign-in', form({ key, next }));
  const cookieFor = async ({ key }: { key: string }) =>
    String((await signIn(key)).headers['set-cookie']).split(';')[0] ?? '';
  const jobs = async (cookie: string) =>
    (await door.ask('GET', '/v1/jobs', { headers: { host: '127.0.0.1:3000', cookie } })).statusCode;

  it('takes a key once and gives a session for it, whose cookie scripts and other sites can’t use', async () => {
    const answer = await signIn(reader.key, '/v1/jobs?limit=1');
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toBe('/v1/jobs?limit=1');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['set-cookie']).toMatch(
      /^neptune-ops-session=[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(await jobs(String(answer.headers['set-cookie']).split(';')[0] ?? '')).toBe(200);
  });

  it('keeps the cookie to https under every name that isn’t of this machine, and asks for no key in the clear', async () => {
    const { payload, headers } = form({ key: reader.key, next: '/' });
    const secure = await door.ask('POST', '/sign-in', { payload, headers: { ...headers, host: 'ops.example' } });
    expect(secure.headers['set-cookie']).toMatch(
      /^__Host-neptune-ops-session=[\w-]{43}; .*Path=\/; HttpOnly; Secure; Same/,
    );
    const { 'sec-fetch-site': _, ...plain } = headers;
    const clear = await door.ask('POST', '/sign-in', {
      payload,
      headers: { ...plain, host: 'ops.example', origin: 'http://ops.example' },
    });
    expect(clear.statusCode).toBe(403);
    expect(clear.body).toContain('Open this page over https');
    expect(clear.headers['set-cookie']).toBeUndefined();
  });

  it('goes by where the browser is, also behind a proxy that asks under a name of this machine', async () => {
    const { payload, headers } = form({ key: reader.key, next: '/' });
    const from = (origin: string) => door.ask('POST', '/sign-in', { payload, headers: { ...headers, origin } });
    const given = String((await from('https://ops.example')).headers['set-cookie']);
    expect(given).toMatch(/^__Host-neptune-ops-session=[\w-]{43}; .*Path=\/; HttpOnly; Secure; Same/);
    const cookie = given.split(';')[0] ?? '';
    expect(await jobs(cookie)).toBe(200);
    const out = await door.ask('POST', '/sign-out', { headers: { ...own, origin: 'https://ops.example', cookie } });
    expect(out.headers['set-cookie']).toMatch(/^__Host-neptune-ops-session=; Max-Age=0;/);
    expect(await jobs(cookie)).toBe(401);
    const clear = await from('http://ops.example');
    expect(clear.body).toContain('Open this page over https');
    expect(clear.headers['set-cookie']).toBeUndefined();
    // To pages in the clear browsers don't say whether the site is the same.
    const { 'sec-fetch-site': _, ...plain } = headers;
    const unsaid = await door.ask('POST', '/sign-in', { payload, headers: { ...plain, origin: 'http://ops.example' } });
    expect(unsaid.body).toContain('Open this page over https');
    for (const origin of ['http://localhost:8080', 'null']) {
      expect((await from(origin)).headers['set-cookie'], origin).toMatch(/^neptune-ops-session=[\w-]{43};/);
    }
    // Told not to say where it comes from, a browser sends “null” as the origin of a form.
    expect((await door.ask('GET', '/sign-in')).headers['referrer-policy']).toBe('same-origin');
  });

  it('takes what is no text for no key, without an error of its own', async () => {
    for (const key of [1, null, ['a'], {}]) {
      const answer = await door.ask('POST', '/sign-in', { headers: own, payload: { key } });
      expect(answer.statusCode, JSON.stringify(key)).toBe(401);
    }
    expect(lines.join()).not.toContain('a request failed');
  });

  it('says in the audit log whose session has ended, and calls nobody anybody on this machine', async () => {
    const cookie = await cookieFor(operator);
    lines = [];
    await door.ask('POST', '/sign-out', { headers: { ...own, cookie } });
    await door.ask('POST', '/sign-out', { headers: { ...own, cookie } });
    await door.ask('GET', '/v1/jobs', { remoteAddress: '10.0.0.9' });
    const audits = lines.map((line) => JSON.parse(line) as { msg: string }).filter(({ msg }) => msg === 'audit');
    expect(audits).toMatchObject([
      { who: operator.entry.id, name: 'operator', via: 'session', route: '/sign-out', status: 303 },
      { who: 'nobody', route: '/sign-out', status: 303 },
      { who: 'nobody', from: '10.0.0.9', status: 401 },
    ]);
  });

  it('leads to the schedules where there is no board', async () => {
    const bare = await door.ask('GET', '/sign-in');
    expect(bare.body).toContain('name="next" value="/schedules"');
    const boarded = openDoor(place.storage, { ...config, NEPTUNE_OPS_BOARD: 'on' });
    expect((await boarded.ask('GET', '/sign-in')).body).toContain('name="next" value="/board"');
    await boarded.close();
    const cookie = await cookieFor(reader);
    const page = await door.ask('GET', '/sign-out', { headers: { host: '127.0.0.1:3000', cookie } });
    expect(page.body).not.toContain('/board');
  });

  it('leads where nothing was wished also whoever wished for nothing that is there', async () => {
    for (const next of ['/', 'https://evil.example/', '//evil.example', 'board', '']) {
      const page = await door.ask('GET', `/sign-in?next=${encodeURIComponent(next)}`);
      expect(page.body, next).toContain('name="next" value="/schedules"');
      expect((await signIn('wrong.key', next)).body, next).toContain('name="next" value="/schedules"');
      expect((await signIn(reader.key, next)).headers.location, next).toBe('/schedules');
    }
    const none = await door.ask('POST', '/sign-in', form({ key: reader.key }));
    expect(none.headers.location).toBe('/schedules');
    const odd = await door.ask('GET', '//evil.example', { headers: { accept: 'text/html' } });
    expect(odd.headers.location).toBe('/sign-in');
  });

  it('gives a session what its key may do, and no more', async () => {
    const stop = async (who: { key: string }) =>
      door.ask('POST', '/v1/operations/stop-db-cluster', {
        headers: { ...own, cookie: await cookieFor(who) },
        payload: { dbClusterIdentifier: `c-${kind.name}` },
      });
    expect((await stop(reader)).json()).toMatchObject({ code: 'forbidden' });
    expect((await stop(operator)).statusCode).toBe(202);
  });

  it('stores neither the key nor the cookie, and writes neither to the log', async () => {
    const cookie = (await cookieFor(operator)).split('=')[1] ?? '';
    await signIn(`${operator.entry.id}.guessed-secret`);
    const stored = JSON.stringify(
      (await place.storage.store.page(indexOf.sessions, { order: 'newest', limit: 100 })).records,
    );
    expect(stored).toContain(operator.entry.id);
    for (const secret of [cookie, operator.key.split('.')[1] ?? '', operator.entry.sha256, 'guessed-secret']) {
      expect(secret.length).toBeGreaterThan(10);
      expect(stored + lines.join()).not.toContain(secret);
    }
  });

  it('tells a person on the page that a key is wrong, and audits it', async () => {
    const answer = await signIn('wrong.key', '/board');
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.body).toContain('This is not a key of this service.');
    expect(answer.body).toContain('name="next" value="/board"');
    expect(answer.body).not.toContain('wrong.key');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ msg: 'audit', route: '/sign-in', code: 'unauthorized', status: 401 }),
    );
  });

  it('slows down an address that is refused too often, and lets a right key in from there all the same', async () => {
    // The minute is not over before the test, on however slow a machine.
    vi.useFakeTimers({ toFake: ['Date'] });
    for (let tries = 0; tries < 30; tries += 1) expect((await signIn(reader.key)).statusCode).toBe(303);
    const statuses: number[] = [];
    for (let tries = 0; tries < 25; tries += 1) statuses.push((await signIn('wrong.key')).statusCode);
    expect(statuses).toEqual([...Array<number>(20).fill(401), ...Array<number>(5).fill(429)]);
    expect((await signIn('wrong.key')).body).toContain('Too many wrong tries from this address');
    const foreign = await door.ask('POST', '/sign-in', { ...form({ key: 'x' }), headers: { 'content-type': 'x/y' } });
    expect(foreign.statusCode).toBe(429);
    expect((await signIn(reader.key)).statusCode).toBe(303);
    vi.setSystemTime(Date.now() + 60_000);
    expect((await signIn('wrong.key')).statusCode).toBe(401);
  });

  it('writes of those that come too often one audit line a minute, with how many were left out', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    for (let tries = 0; tries < 50; tries += 1) await signIn('wrong.key');
    const told = () =>
      lines
        .map((line) => JSON.parse(line) as { msg: string; status: number; leftOut?: number })
        .filter(({ msg, status }) => msg === 'audit' && status === 429)
        .map(({ leftOut }) => leftOut);
    expect(told()).toEqual([undefined]);
    vi.setSystemTime(Date.now() + 60_000);
    for (let tries = 0; tries < 50; tries += 1) await signIn('wrong.key');
    expect(told()).toEqual([undefined, 29]);
  });

  it('can not be made, prolonged or given another key by whoever can write to the store', async () => {
    const { store } = place.storage;
    const cookie = await cookieFor(reader);
    expect(await jobs(cookie)).toBe(200);
    const placeIn = (id: string) => placeOf.session(createHash('sha256').update(id).digest('hex'));
    const [real] = (await store.read([placeIn(cookie.split('=')[1] ?? '')])).records as [Stored<{ since: number }>];
    // A copy of a real one, under an id that the writer knows.
    await store.commit([{ op: 'create', key: placeIn('of-my-own'), value: real.value }]);
    expect(await jobs('neptune-ops-session=of-my-own')).toBe(401);
    for (const forged of [{ key: operator.entry.id }, { since: real.value.since + 1 }]) {
      const [was] = (await store.read([real.key])).records;
      await store.commit([{ op: 'replace', was: was!, value: { ...real.value, ...forged } }]);
      expect(await jobs(cookie)).toBe(401);
    }
  });

  it('ends a session at sign-out, for whoever else has its cookie too', async () => {
    const cookie = await cookieFor(reader);
    const page = await door.ask('GET', '/sign-out', { headers: { host: '127.0.0.1:3000', cookie } });
    expect(page.body).toContain('<strong>reader</strong>');
    const foreign = await door.ask('POST', '/sign-out', {
      headers: { ...own, 'sec-fetch-site': 'cross-site', cookie },
    });
    expect(foreign.json()).toMatchObject({ code: 'cross-site' });
    expect(await jobs(cookie)).toBe(200);
    const out = await door.ask('POST', '/sign-out', { headers: { ...own, cookie } });
    expect(out.headers['set-cookie']).toMatch(/^neptune-ops-session=; Max-Age=0;/);
    expect(await jobs(cookie)).toBe(401);
  });

  it('ends a session after eight hours, and the sweep drops it', async () => {
    const cookie = await cookieFor(reader);
    now += 8 * hour - 1;
    expect(await jobs(cookie)).toBe(200);
    now += 1;
    expect(await jobs(cookie)).toBe(401);
    const world = { operationOf: () => undefined, log: silent, events: false };
    await sweep({ storage: place.storage, deps: world, queues: [], keepMs: 365 * 24 * hour });
    expect(await place.storage.store.count(indexOf.sessions)).toBe(0);
    now += hour;
  });

  describe('of which a key has many', () => {
    const crowd = () => keyOf('crowd', ['read']).entry;
    const good = async (ids: readonly string[], key: ReturnType<typeof crowd>) => {
      const found = await Promise.all(ids.map((id) => keyOfSession(place.storage.store, fixedKeys([key]), id)));
      return ids.filter((_, index) => found[index] !== undefined);
    };
    const open = async (key: ReturnType<typeof crowd>, count: number) => {
      const ids: string[] = [];
      for (; ids.length < count; now += 1) ids.push(await openSession(place.storage.store, key));
      return ids;
    };
    const indexed = (key: ReturnType<typeof crowd>) => place.storage.store.count(`${indexOf.sessions}/${key.id}`);

    it('ends the oldest for each new one, and none of another key', async () => {
      const [key, other] = [crowd(), crowd()];
      const others = await open(other, mostSessions);
      const ids = await open(key, mostSessions + 3);
      expect(await good(ids, key)).toEqual(ids.slice(3));
      expect(await good(others, other)).toEqual(others);
      expect(await indexed(key)).toBe(mostSessions);
    });

    it('ends nothing for a new one where another was ended by its user', async () => {
      const key = crowd();
      const ids = await open(key, mostSessions);
      await endSession(place.storage.store, ids.at(-1) ?? '');
      const [newest = ''] = await open(key, 1);
      expect(await good([...ids, newest], key)).toEqual([...ids.slice(0, -1), newest]);
    });

    it('leaves no more of those that are opened at the same moment, and nothing of the others', async () => {
      const key = crowd();
      const before = await place.storage.store.count(indexOf.sessions);
      const ids = await Promise.all(
        Array.from({ length: 2 * mostSessions }, () => openSession(place.storage.store, key)),
      );
      const left = (await good(ids, key)).length;
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(mostSessions);
      expect(await indexed(key)).toBe(left);
      expect(await place.storage.store.count(indexOf.sessions)).toBe(before + left);
    });

    it('keeps the new one also when the store’s clock was set back', async () => {
      const key = crowd();
      const ids = await open(key, mostSessions);
      now -= hour;
      const newest = await openSession(place.storage.store, key);
      now += hour;
      expect(await good([...ids, newest], key)).toEqual([...ids.slice(1), newest]);
    });

    it('leaves nothing behind once they have expired', async () => {
      const key = crowd();
      await open(key, 3);
      now += 9 * hour;
      const world = { operationOf: () => undefined, log: silent, events: false };
      await sweep({ storage: place.storage, deps: world, queues: [], keepMs: 365 * 24 * hour });
      expect(await indexed(key)).toBe(0);
    });
  });

  it('ends a session at once when its key goes, or becomes another under the same id', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-session-'));
    const file = join(folder, 'keys.json');
    let writes = 0;
    const write = (entries: object[]) => {
      writeFileSync(file, JSON.stringify(entries));
      utimesSync(file, new Date(), new Date(1_700_000_000_000 + (writes += 1) * 1_000));
    };
    const { NEPTUNE_OPS_API_KEYS: _, ...rest } = config;
    write([reader.entry, operator.entry]);
    await door.close();
    door = openDoor(place.storage, { ...rest, NEPTUNE_OPS_API_KEYS: undefined, NEPTUNE_OPS_API_KEYS_FILE: file });
    const [first, second] = [await cookieFor(reader), await cookieFor(operator)];
    expect([await jobs(first), await jobs(second)]).toEqual([200, 200]);
    write([{ ...keyOf('operator', ['read']).entry, id: operator.entry.id }]);
    // A file of keys is looked at once a second.
    await pause(1_100);
    expect([await jobs(first), await jobs(second)]).toEqual([401, 401]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('lets no other site change anything with the browser’s cookie', async () => {
    const cookie = await cookieFor(operator);
    const hold = async (headers: Record<string, string>) =>
      door.ask('DELETE', '/v1/jobs/nothing', { headers: { host: '127.0.0.1:3000', cookie, ...headers } });
    for (const headers of [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'http://127.0.0.1:4000' },
      { origin: 'null' },
    ]) {
      expect((await hold(headers as Record<string, string>)).json(), JSON.stringify(headers)).toMatchObject({
        code: 'cross-site',
      });
    }
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: 'http://127.0.0.1:3000' }]) {
      expect((await hold(headers as Record<string, string>)).json()).toMatchObject({ code: 'job-not-found' });
    }
    // Nor sign anybody in.
    const { payload, headers } = form({ key: operator.key, next: '/' });
    const login = await door.ask('POST', '/sign-in', {
      payload,
      headers: { ...headers, 'sec-fetch-site': 'cross-site' },
    });
    expect(login.statusCode).toBe(403);
    expect(login.headers['set-cookie']).toBeUndefined();
  });

  it('goes by the key alone where one is sent', async () => {
    const cookie = await cookieFor(operator);
    const headers = { host: '127.0.0.1:3000', cookie, authorization: 'Bearer wrong.key' };
    expect((await door.ask('GET', '/v1/jobs', { headers })).statusCode).toBe(401);
    const asked = await door.ask('DELETE', '/v1/jobs/nothing', {
      headers: { host: '127.0.0.1:3000', cookie, authorization: `Bearer ${reader.key}` },
    });
    expect(asked.json()).toMatchObject({ code: 'forbidden' });
  });

  it('leads a person who isn’t signed in to the page, and a program to a problem in JSON', async () => {
    const person = await door.ask('GET', '/v1/jobs?limit=3', { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(person.statusCode).toBe(303);
    expect(person.headers.location).toBe('/sign-in?next=%2Fv1%2Fjobs%3Flimit%3D3');
    for (const accept of ['application/json', '*/*', undefined]) {
      const program = await door.ask('GET', '/v1/jobs', { headers: accept === undefined ? {} : { accept } });
      expect(program.statusCode).toBe(401);
      expect(program.json()).toMatchObject({ code: 'unauthorized' });
    }
    expect((await door.ask('DELETE', '/v1/jobs/x', { headers: { accept: 'text/html' } })).statusCode).toBe(401);
  });

  it('has a page that loads and runs nothing, and escapes what it repeats', async () => {
    const page = await door.ask('GET', `/sign-in?next=${encodeURIComponent('/"><script>alert(1)</script>')}`);
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/<script|https?:|onload|style=/);
    expect(signInPage('/"><script>', '<i>')).not.toMatch(/<script|<i>/);
    expect(signOutPage('<i>', true)).not.toContain('<i>');
    expect(page.headers['content-security-policy']).not.toMatch(/script-src|unsafe-eval/);
    expect((await door.ask('GET', '/sign-in.css')).headers['content-type']).toContain('text/css');
    for (const next of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '/.//evil.example',
      '/\t/evil.example',
    ]) {
      const answer = await signIn(reader.key, next);
      expect(answer.headers.location, next).toBe('/schedules');
    }
  });
});

describe('where to go after signing in', () => {
  it.each([
    ['/board', '/board'],
    ['/board/queue/default.neptune?status=failed', '/board/queue/default.neptune?status=failed'],
    ['/board/../v1/jobs', '/v1/jobs'],
    ['board', undefined],
    ['', undefined],
    ['/', undefined],
    ['/?a=b', undefined],
    [undefined, undefined],
    [['/a', '/b'], undefined],
    ['//evil.example/', undefined],
    ['/\\evil.example', undefined],
    ['/.//evil.example', undefined],
    ['/x/..//evil.example', undefined],
    ['/\t/evil.example', undefined],
    ['https://evil.example', undefined],
    ['/\u0000//evil.example', '/%00//evil.example'],
  ])('%j leads to %s', (wished, path) => {
    expect(localPath(wished)).toBe(path);
  });
});

describe('whether a page of this service made a browser ask', () => {
  it('can’t be told of a request without a host', () => {
    expect(() => demandSameOrigin({ headers: {} } as never)).toThrow('Ask from a page of this service');
    expect(() => demandSameOrigin({ headers: { origin: 'null' } } as never)).toThrow('Ask from a page');
  });
});

describe('without keys', () => {
  it('there is nothing to sign in to', async () => {
    const place = await (storageKinds().at(-1) as ReturnType<typeof storageKinds>[number]).open();
    const door = openDoor(place.storage);
    expect((await door.ask('GET', '/sign-in')).statusCode).toBe(404);
    expect((await door.ask('GET', '/v1/jobs', { headers: { accept: 'text/html' } })).statusCode).toBe(200);
    await door.close();
    await place.close();
  });
});
