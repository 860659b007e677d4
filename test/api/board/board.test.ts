import { appRoutes } from '@bull-board/api/dist/routes.js';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { boardTexts, ownWords, withNextLook, wordsFile } from '../../../src/api/board/board-appearance.ts';
import { boardQueues } from '../../../src/api/board/board-queues.ts';
import { type BoardRoute, boardRoute, boardRoutes } from '../../../src/api/board/board-routes.ts';
import type { JobJson } from '../../../src/records/job-json.ts';
import { eventsQueue, workQueues } from '../../../src/queue/names.ts';
import { schedulesQueue } from '../../../src/queue/names.ts';
import { storageKinds } from '../../support/storages.ts';
import { type BoardService, operator, partial, reader, startBoardService } from './board-service.ts';
import { doorConfig, openDoor } from '../server.ts';

const routesOf = (meaning: (found: BoardRoute) => boolean) =>
  Object.entries(boardRoutes)
    .filter(([, found]) => meaning(found))
    .map(([route]) => route.split(' ') as [method: string, path: string]);

describe('the queues of the board', () => {
  it('have the schedules’ clock among them where there are schedules', () => {
    const names = (file: string | undefined) =>
      boardQueues({ ...doorConfig, NEPTUNE_OPS_SCHEDULES_FILE: file }).map(({ name }) => name);
    expect(names('schedules.yaml')).toContain(schedulesQueue);
    expect(names(undefined)).toEqual([...workQueues(doorConfig.targets).map(({ name }) => name), eventsQueue]);
  });
});

describe('the page’s own words', () => {
  it('stand in place of words that Bull Board has', () => {
    const path = createRequire(import.meta.url).resolve(`@bull-board/ui/dist/static/${wordsFile}`);
    for (const [name, word] of Object.entries(ownWords)) {
      const find = (words: object) =>
        name.split('.').reduce((part, key) => (part as Record<string, unknown>)?.[key] as object, words);
      expect(find(JSON.parse(readFileSync(path, 'utf8')) as object), name).toEqual(expect.any(String));
      expect(find(boardTexts()), name).toBe(word);
    }
  });
});

describe('the time of the next look', () => {
  it('is counted from the last look, of a job that goes back to its queue', () => {
    const looked = { timestamp: 1_000, processedOn: 9_000, delay: 30, opts: { keepLogs: 200 } };
    // The page adds the delay to the time at which the job was added.
    expect(withNextLook(looked)).toEqual({ ...looked, delay: 8_030, opts: { keepLogs: 200, delay: 8_030 } });
    const [due, fresh] = [
      { ...looked, delay: 0 },
      { ...looked, processedOn: null },
    ];
    expect([withNextLook(due), withNextLook(fresh)]).toEqual([due, fresh]);
  });
});

describe('the table of the board’s routes', () => {
  it('has every route that Bull Board has, and no other: whoever updates it decides what a new one means', () => {
    const own = [appRoutes.entryPoint, ...appRoutes.api].flatMap(({ method, route }) =>
      [method].flat().flatMap((verb) => [route].flat().map((path) => `${verb.toUpperCase()} ${path}`)),
    );
    expect([...own, 'GET /static/*', 'GET /own.css'].sort()).toEqual(Object.keys(boardRoutes).sort());
  });

  it('lets nothing that isn’t a GET through to Bull Board', () => {
    for (const [method, path] of routesOf((meaning) => meaning === 'reading')) expect(method, path).toBe('GET');
    expect(boardRoute('PUT', '/api/queues/:queueName/a-new-one')).toBe('refused');
    expect(boardRoute('GET', '/api/a-new-one')).toBe('refused');
    expect(boardRoute('HEAD', '/api/queues')).toBe('reading');
  });
});

interface Listed {
  queues: {
    name: string;
    description: string;
    readOnlyMode: boolean;
    isPaused: boolean;
    counts: Record<string, number>;
    jobs: {
      id: string;
      name: string;
      data: Record<string, unknown>;
      progress: number;
    }[];
  }[];
}

describe.each(storageKinds())('the board over $name', ({ name }) => {
  let service: BoardService;
  beforeAll(async () => {
    // Polls so far apart that a job is looked at only when somebody wants it to be.
    service = await startBoardService(name, { NEPTUNE_OPS_POLL_MIN_MS: '3600000' });
  });
  afterAll(() => service.close());

  const board = (who: { key: string } | undefined, method: string, path: string, headers = {}) =>
    fetch(`${service.url}/board${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(who ? { authorization: `Bearer ${who.key}` } : {}), ...headers },
    });
  const act = (who: { key: string }, act: 'clean' | 'retry' | 'promote', id: string, queue = 'default.neptune') =>
    board(who, 'PUT', `/api/queues/${queue}/${id}/${act}`);
  const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;
  const jobOf = (id: string) => service.api<JobJson>('GET', `/v1/jobs/${id}`);
  const ask = (operation: string, dbClusterIdentifier: string, query = '') =>
    service.api<JobJson>('POST', `/v1/operations/${operation}${query}`, {
      dbClusterIdentifier,
      ...(operation === 'fast-reset' ? { confirm: dbClusterIdentifier } : {}),
    });
  const until = (id: string, state: string) =>
    vi.waitFor(async () => expect((await jobOf(id)).state).toBe(state), { timeout: 150_000, interval: 50 });
  const listed = async (queue = 'default.neptune', who = operator) => {
    const answer = await board(who, 'GET', `/api/queues?activeQueue=${queue}&status=latest&page=1&jobsPerPage=50`);
    const { queues } = (await answer.json()) as Listed;
    return { queues, jobs: queues.find((one) => one.name === queue)?.jobs ?? [] };
  };
  /** A stop that AWS was asked for, waiting for its first poll. */
  const running = async () => {
    const { id } = await ask('stop-db-cluster', await service.cluster());
    await until(id, 'running');
    await vi.waitFor(async () => expect((await listed()).jobs.find((job) => job.id === id)?.name).toMatch(/^poll/), {
      timeout: 150_000,
    });
    return id;
  };
  const place = (path: string, id: string) =>
    path
      .replace(':queueName', 'default.neptune')
      .replace(':jobId', id)
      .replace(':queueStatus', 'failed')
      .replace(':schedulerId', 'none')
      .replace('*', 'favicon.ico');

  it('shows everything there is to read, to whoever may read', async () => {
    const id = await running();
    for (const [method, path] of routesOf((meaning) => meaning === 'reading')) {
      expect((await board(reader, method, place(path, id))).status, path).toBe(200);
    }
    await service.api('DELETE', `/v1/jobs/${id}`);
  });

  it('refuses everything else that would change a queue, and changes nothing', async () => {
    const id = await running();
    const before = await listed();
    for (const [method, path] of routesOf((meaning) => meaning === 'refused')) {
      const answer = await board(operator, method, place(path, id));
      expect(answer.status, path).toBe(403);
      expect(answer.headers.get('content-type'), path).toContain('application/problem+json');
      expect(await answer.json(), path).toMatchObject({ code: 'board-refused', error: expect.any(String) });
    }
    expect(await listed()).toEqual(before);
  });

  it('says of every queue what is in it, and names jobs by operation and resource', async () => {
    const id = await running();
    const { queues, jobs } = await listed();
    expect(queues.map((queue) => queue.name).sort()).toEqual([
      'completion-events',
      'default.neptune',
      'default.neptune-graph',
      'default.neptunedata',
    ]);
    for (const { description } of queues) expect(description).toMatch(/^.{20,}\.$/);
    const { resource } = await jobOf(id);
    expect(jobs.find((job) => job.id === id)).toMatchObject({
      name: `poll 1 of stop-db-cluster ${resource}`,
      data: { operation: 'stop-db-cluster', resource },
    });
  });

  it('tells a job’s story in its log, and looks now when asked to', async () => {
    const id = await running();
    const logs = async () =>
      (await (await board(reader, 'GET', `/api/queues/default.neptune/${id}/logs`)).json()) as string[];
    expect(await logs()).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Accepted, to be ended by/),
      expect.stringMatching(/Asked AWS to stop-db-cluster; AWS accepted\. Next look at/),
    ]);
    expect((await act(operator, 'promote', id)).status).toBe(204);
    await vi.waitFor(async () => expect(await logs()).toHaveLength(3), { timeout: 150_000 });
    expect((await logs())[2]).toMatch(/AWS says “stopping”\. Next look at/);
    await vi.waitFor(
      async () => {
        await act(operator, 'promote', id);
        expect((await jobOf(id)).state).toBe('succeeded');
      },
      { timeout: 150_000, interval: 500 },
    );
    await vi.waitFor(async () => expect((await logs()).at(-1)).toMatch(/Ended: succeeded\. AWS says “stopped”\.$/), {
      timeout: 150_000,
    });
    expect(await codeOf(await act(operator, 'promote', id))).toBe('already-ended');
  });

  it('shows how far a job is, where AWS tells', async () => {
    const graphId = 'g-progress01';
    service.emulator.account.addGraph({ id: graphId, name: 'progress' });
    service.emulator.account.addImportTask({ id: 't-progress01', graphId, totalMs: 8_000 });
    const { id } = await service.api<JobJson>('POST', '/v1/operations/watch-import-task', {
      taskIdentifier: 't-progress01',
    });
    const progress = async () =>
      (await listed('default.neptune-graph')).jobs.find((job) => job.id === id)?.progress ?? 0;
    await vi.waitFor(
      async () => {
        await act(operator, 'promote', id, 'default.neptune-graph');
        expect(await progress()).toBeGreaterThan(0);
      },
      { timeout: 150_000, interval: 500 },
    );
    await act(operator, 'clean', id, 'default.neptune-graph');
  });

  it('takes removing for the wish to cancel', async () => {
    const id = await running();
    expect((await act(operator, 'clean', id)).status).toBe(204);
    await until(id, 'cancelled');
    expect(await codeOf(await act(operator, 'clean', id))).toBe('already-ended');
  });

  it('takes retrying for a new job with the same input, which knows what it repeats', async () => {
    const { id } = await ask('stop-db-cluster', 'not-there');
    await until(id, 'failed');
    expect((await act(operator, 'retry', id)).status).toBe(204);
    const { jobs } = await service.api<{ jobs: JobJson[] }>('GET', '/v1/jobs?limit=1');
    expect(jobs[0]).toMatchObject({
      operation: 'stop-db-cluster',
      input: { dbClusterIdentifier: 'not-there' },
      retryOf: id,
    });
    expect(jobs[0]?.id).not.toBe(id);
    expect(await jobOf(id)).not.toHaveProperty('retryOf');
    expect(await codeOf(await act(operator, 'retry', await running()))).toBe('not-ended');
  });

  it('never repeats what erases', async () => {
    const { id } = await ask('fast-reset', 'resettable-1');
    await until(id, 'failed');
    const answer = await act(operator, 'retry', id, 'default.neptunedata');
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ code: 'not-repeatable' });
  });

  it('leaves a job in its line', async () => {
    const identifier = await service.cluster();
    const first = await ask('stop-db-cluster', identifier);
    const second = await ask('start-db-cluster', identifier, '?on-busy=wait');
    expect(await codeOf(await act(operator, 'promote', second.id))).toBe('waits-in-line');
    for (const { id } of [second, first]) await act(operator, 'clean', id);
  });

  it('lets a reader only read, and doesn’t offer more', async () => {
    const id = await running();
    for (const one of ['clean', 'retry', 'promote'] as const) {
      const answer = await act(reader, one, id);
      expect(answer.status, one).toBe(403);
      expect(await codeOf(answer), one).toBe('forbidden');
    }
    expect((await jobOf(id)).state).toBe('running');
    expect((await listed('default.neptune', reader)).queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
    const { queues } = await listed();
    expect(queues.filter(({ readOnlyMode }) => readOnlyMode).map((queue) => queue.name)).toEqual(['completion-events']);
  });

  it('is shown to nobody whose key doesn’t reach everything, and to nobody without a key', async () => {
    const id = await running();
    for (const path of [
      '/',
      '/api/queues',
      `/api/queues/default.neptune/${id}`,
      `/api/queues/default.neptune/${id}/logs`,
    ]) {
      const answer = await board(partial, 'GET', path);
      expect(answer.status, path).toBe(403);
      expect(await codeOf(answer), path).toBe('forbidden');
      expect((await board(undefined, 'GET', path)).status, path).toBe(401);
    }
    expect((await act(partial, 'clean', id)).status).toBe(403);
    const page = await board(undefined, 'GET', '/queue/default.neptune?status=failed', { accept: 'text/html' });
    expect(page.status).toBe(303);
    expect(page.headers.get('location')).toBe('/sign-in?next=%2Fboard%2Fqueue%2Fdefault.neptune%3Fstatus%3Dfailed');
  });

  it('changes nothing in queues that hold no jobs of the service, nor of jobs that there are not', async () => {
    expect(await codeOf(await act(operator, 'clean', 'x', 'completion-events'))).toBe('board-refused');
    expect(await codeOf(await act(operator, 'clean', 'x', 'nowhere'))).toBe('board-refused');
    expect(await codeOf(await act(operator, 'retry', 'x'))).toBe('job-not-found');
  });

  it('loads nothing from anywhere else', async () => {
    const page = await board(reader, 'GET', '/');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const html = await page.text();
    expect(html).toContain('<div id="root">');
    expect(html).not.toMatch(/(src|href)="https?:/);
    expect(html).not.toContain('<%');
  });
});

describe('a door', () => {
  const open = (board: 'on' | 'off' | undefined, keys: boolean, HOST = '127.0.0.1') => {
    const place = storageKinds().at(-1) as ReturnType<typeof storageKinds>[number];
    return place.open().then((opened) => ({
      door: openDoor(opened.storage, {
        ...doorConfig,
        NEPTUNE_OPS_BOARD: board,
        HOST,
        ...(keys ? { NEPTUNE_OPS_API_KEYS: JSON.stringify([operator.entry]) } : {}),
      }),
      opened,
    }));
  };

  it.each([
    [undefined, '127.0.0.1', false, 200],
    [undefined, '127.0.0.1', true, 200],
    [undefined, '0.0.0.0', true, 404],
    ['off', '127.0.0.1', false, 404],
    ['on', '0.0.0.0', true, 200],
  ] as const)('with NEPTUNE_OPS_BOARD %s, at %s, keys %s answers %i at /board', async (setting, host, keys, status) => {
    const { door, opened } = await open(setting, keys, host);
    const headers = keys ? { authorization: `Bearer ${operator.key}` } : {};
    expect((await door.ask('GET', '/board', { headers })).statusCode).toBe(status);
    await door.close();
    await opened.close();
  });

  it('lists no more than a page of jobs, and takes a wrong query for the caller’s mistake', async () => {
    const { door, opened } = await open('on', false);
    const ask = (query: string) => door.ask('GET', `/board/api/queues?activeQueue=default.neptune&page=1&${query}`);
    expect((await ask('jobsPerPage=100')).statusCode).toBe(200);
    for (const query of ['jobsPerPage=101', 'jobsPerPage=100000000', 'jobsPerPage=1e9']) {
      const answer = await ask(query);
      expect(answer.statusCode, query).toBe(400);
    }
    const answer = await door.ask('GET', '/board/api/queues?activeQueue=%25');
    expect(answer.json()).toMatchObject({ code: 'invalid-request', error: expect.any(String) });
    await door.close();
    await opened.close();
  });

  it('without keys lets no other site press the board’s buttons', async () => {
    const { door, opened } = await open('on', false);
    const press = async (headers: Record<string, string>) =>
      (await door.ask('PUT', '/board/api/queues/default.neptune/x/clean', { headers })).json<{ code: string }>().code;
    for (const headers of [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:80' },
    ]) {
      expect(await press({ host: 'localhost:80', ...headers }), JSON.stringify(headers)).toBe('cross-site');
    }
    expect(await press({ 'sec-fetch-site': 'same-origin' })).toBe('job-not-found');
    expect(await press({ host: 'localhost:3000', origin: 'http://localhost:3000' })).toBe('job-not-found');
    await door.close();
    await opened.close();
  });
});
