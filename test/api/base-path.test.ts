// The service behind a path of another host, whether the proxy takes the path away or passes it on.
import { type Server, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { withoutBasePath } from '../../src/api/base-path.ts';
import { type OpenStorage, type StorageKind, storageKinds } from '../support/storages.ts';
import { keyOf } from './board/board-service.ts';
import { type TestDoor, openDoor } from './server.ts';

const operator = keyOf('operator', ['read', 'cancel', 'operation:*']);
const config = readConfig({
  AWS_REGION: 'eu-west-1',
  NEPTUNE_OPS_BASE_PATH: '/neptune/',
  NEPTUNE_OPS_TRUST_PROXY: '127.0.0.1',
  NEPTUNE_OPS_BOARD: 'on',
  NEPTUNE_OPS_API_KEYS: JSON.stringify([operator.entry]),
});

/** A proxy that knows the service under /neptune, asks it as `tools.example`, and says who asks. */
async function startProxy(behind: string, strips: boolean): Promise<{ server: Server; url: string }> {
  const { port } = new URL(behind);
  const server = createServer((near, answer) => {
    const path = near.url ?? '';
    if (!path.startsWith('/neptune')) return void answer.writeHead(421).end('not of neptune-ops');
    const headers = { ...near.headers, host: 'tools.example', 'x-forwarded-for': 'nonsense, 203.0.113.7:4711' };
    const asked = strips ? path.slice('/neptune'.length) || '/' : path;
    const far = request({ host: '127.0.0.1', port, path: asked, method: near.method, headers }, (given) => {
      answer.writeHead(given.statusCode ?? 0, given.headers);
      given.pipe(answer);
    });
    near.pipe(far);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe.each([
  ['takes the path away', true],
  ['passes the path on', false],
])('behind a proxy that %s', (_what, strips) => {
  let place: OpenStorage;
  let door: TestDoor;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  const lines: string[] = [];
  const bearer = { authorization: `Bearer ${operator.key}` };
  const page = { accept: 'text/html' };

  beforeAll(async () => {
    const kind = storageKinds().at(-1) as StorageKind;
    place = await kind.open();
    const log = pino({}, { write: (line: string) => void lines.push(line) });
    door = openDoor(place.storage, config, undefined, log);
    proxy = await startProxy(await door.server.listen({ host: '127.0.0.1', port: 0 }), strips);
  });
  afterAll(async () => {
    proxy?.server.close();
    await door?.close();
    await place?.close();
  });

  const ask = (path: string, options: RequestInit = {}) =>
    fetch(new URL(path, proxy.url), { redirect: 'manual', ...options });

  async function signIn(next: string): Promise<Response> {
    return ask('/neptune/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://tools.example' },
      body: new URLSearchParams({ key: operator.key, next }).toString(),
    });
  }

  /** What the page leads to or loads, as a browser resolves it. */
  async function linksOf(path: string, headers: Record<string, string>): Promise<string[]> {
    const answer = await ask(path, { headers: { ...page, ...headers } });
    expect(answer.status, path).toBe(200);
    const text = await answer.text();
    const base = /<base href="([^"]*)"/.exec(text)?.[1] ?? '';
    const links = [...text.matchAll(/(?:href|src|action)="([^"#]+)"/g)].map(([, link = '']) => link);
    return links
      .filter((link) => link !== base && !link.startsWith('data:'))
      .map((link) => new URL(link.replaceAll('&amp;', '&'), new URL(base, new URL(path, proxy.url))).href);
  }

  it('signs people in and out, with redirects and a cookie below its path', async () => {
    const led = await ask('/neptune/board?x=1', { headers: page });
    expect([led.status, led.headers.get('location')]).toEqual([303, '/neptune/sign-in?next=%2Fboard%3Fx%3D1']);
    for (const next of ['/schedules', '/neptune/schedules']) {
      const answer = await signIn(next);
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/neptune/schedules']);
      expect(answer.headers.get('set-cookie')).toMatch(
        /^__Secure-neptune-ops-session=[\w-]{43}; Max-Age=28800; Path=\/neptune; HttpOnly; Secure; SameSite=Strict$/,
      );
      const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
      expect((await ask('/neptune/v1/jobs', { headers: { cookie } })).status).toBe(200);
      const out = await ask('/neptune/sign-out', {
        method: 'POST',
        headers: { cookie, origin: 'https://tools.example' },
      });
      expect(out.headers.get('location')).toBe('/neptune/sign-in');
      expect(out.headers.get('set-cookie')).toMatch(/^__Secure-neptune-ops-session=; Max-Age=0; Path=\/neptune;/);
      expect((await ask('/neptune/v1/jobs', { headers: { cookie } })).status).toBe(401);
    }
    const host = { cookie: `__Host-neptune-ops-session=${'a'.repeat(43)}` };
    expect((await ask('/neptune/v1/jobs', { headers: host })).status).toBe(401);
  });

  it('has pages whose links all lead somewhere', async () => {
    const cookie = (await signIn('/board')).headers.get('set-cookie')?.split(';')[0] ?? '';
    const found = new Set<string>();
    for (const path of ['sign-in', 'sign-out', 'schedules', 'board', 'board/queue/default.neptune', 'docs', 'docs/']) {
      for (const link of await linksOf(`/neptune/${path}`, { cookie })) found.add(link);
    }
    const own = [...found].filter((link) => link.startsWith(proxy.url));
    expect(own.map((link) => new URL(link).pathname)).toEqual(
      expect.arrayContaining([
        '/neptune/sign-in.css',
        '/neptune/board/own.css',
        '/neptune/docs/static/swagger-ui-bundle.js',
      ]),
    );
    for (const link of own) {
      const { status } = await ask(link, { headers: { cookie, ...page } });
      expect([200, 303], link).toContain(status);
    }
    const queues = await ask('/neptune/board/api/queues', { headers: { cookie } });
    expect([queues.status, queues.headers.get('content-type')]).toEqual([200, expect.stringContaining('json')]);
    const index = await ask('/neptune/docs/static/index.html');
    expect(index.headers.get('location')).toBe('/neptune/docs/');
    const text = await (await ask('/neptune/board', { headers: { cookie } })).text();
    expect(text).toContain('/neptune/sign-out');
  });

  it('leads programs to their job, and says where it is in its description', async () => {
    const accepted = await ask('/neptune/v1/operations/stop-db-cluster', {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: JSON.stringify({ dbClusterIdentifier: 'dev-1' }),
    });
    const job = (await accepted.json()) as { id: string; links: Record<string, string> };
    expect([accepted.status, accepted.headers.get('location')]).toEqual([202, `/neptune/v1/jobs/${job.id}`]);
    for (const link of [job.links['self'], job.links['operation']]) {
      expect((await ask(link ?? '', { headers: bearer })).status, link).toBe(200);
    }
    expect(await (await ask('/neptune/openapi.json')).json()).toMatchObject({ servers: [{ url: '/neptune' }] });
  });

  it('names in the audit log who asked the proxy, and never what somebody only claims', async () => {
    lines.length = 0;
    await ask('/neptune/v1/jobs');
    await fetch(new URL('/v1/jobs', door.server.listeningOrigin), { headers: { 'x-forwarded-for': '<script>' } });
    await expect.poll(() => lines.length).toBe(2);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { msg: 'audit', status: 401, from: '203.0.113.7' },
      { msg: 'audit', status: 401, from: '127.0.0.1' },
    ]);
  });
});

describe('the base path', () => {
  it.each([
    ['/neptune/board?x', '/board?x'],
    ['/neptune', '/'],
    ['/neptune?x', '/?x'],
    ['/neptunes/board', '/neptunes/board'],
    ['/board', '/board'],
    ['/neptune//elsewhere.example', '//elsewhere.example'],
  ])('is taken from %s: %s', (url, path) => expect(withoutBasePath({ url }, '/neptune')).toBe(path));
});

describe('an address without a proxy that is trusted', () => {
  it('is that of the connection, whatever is claimed', async () => {
    const place = await (storageKinds().at(-1) as StorageKind).open();
    const lines: string[] = [];
    const log = pino({}, { write: (line: string) => void lines.push(line) });
    const door = openDoor(place.storage, { ...config, trustedProxies: [] }, undefined, log);
    await door.ask('GET', '/v1/jobs', { headers: { 'x-forwarded-for': '203.0.113.7' } });
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ from: '127.0.0.1' }]);
    await door.close();
    await place.close();
  });
});
