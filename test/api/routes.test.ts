// Every route of the producer API: its statuses, its answers, and how it says no.
import { Redis, ReplyError } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorTable } from '../../src/errors.ts';
import { operationNames } from '../../src/handlers/index.ts';
import { createTurnableClock } from '../../emulator/clock.ts';
import { startHeartbeat } from '../../src/queue/heartbeat.ts';
import { reportCredentials } from '../../src/queue/readiness.ts';
import {
  type JobRecord,
  type JobState,
  indexOf,
  jobIndexes,
  jobStates,
  keyOf,
  readJob,
} from '../../src/records/job.ts';
import { endedJob } from '../support/jobs.ts';
import { hasRedisServer } from '../support/redis-server.ts';
import { type OpenStorage, storageKinds } from '../support/storages.ts';
import { type TestDoor, openDoor } from './server.ts';
import { soon } from '../support/patience.ts';

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  json<Body>(): Body;
}

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly rule: string }[];
}

interface Listed {
  readonly jobs: readonly { readonly id: string; readonly state: string }[];
  readonly nextCursor: string | null;
}

/** The problem in an answer, checked for its shape. */
function problemOf(answer: Answer): Problem {
  const problem = answer.json<Problem>();
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(problem.status).toBe(answer.statusCode);
  expect(errorTable).toHaveProperty([problem.code], { status: problem.status, title: problem.title });
  expect(problem.type).toBe(`urn:neptune-ops:error:${problem.code}`);
  expect(problem.detail).toMatch(/\S/);
  expect(JSON.stringify(problem)).not.toMatch(/node_modules|\.ts:|at async|Error:/);
  return problem;
}

describe.each(storageKinds())('the producer API on $name', ({ open }) => {
  const clock = createTurnableClock(Date.parse('2026-11-20T10:00:00Z'));
  let opened: OpenStorage;
  let door: TestDoor;
  let cluster: string;
  let clusters = 0;

  beforeAll(async () => {
    opened = await open(clock.now);
    door = openDoor(opened.storage);
  });
  afterAll(async () => {
    await door?.close();
    await opened?.close();
  });
  beforeEach(() => {
    clusters += 1;
    cluster = `dev-${clusters}`;
    clock.advance(1_000);
  });

  const json = { 'content-type': 'application/json' };
  const stop = (query = '', headers: Record<string, string> = {}) =>
    door.ask('POST', `/v1/operations/stop-db-cluster${query}`, {
      headers: { ...json, ...headers },
      payload: JSON.stringify({ dbClusterIdentifier: cluster }),
    });
  const start = (query = '') =>
    door.ask('POST', `/v1/operations/start-db-cluster${query}`, { payload: { dbClusterIdentifier: cluster } });

  async function write(job: JobRecord): Promise<void> {
    const { job: was } = await readJob(opened.storage.store, job.id);
    const indexes = jobIndexes(job);
    await opened.storage.store.commit([
      was ? { op: 'replace', was, value: job, indexes } : { op: 'create', key: keyOf.job(job.id), value: job, indexes },
    ]);
  }

  describe('enqueues', () => {
    it('with 202, the job, and where to find it', async () => {
      const answer = await stop();
      const body = answer.json<{ id: string }>();
      expect(answer.statusCode).toBe(202);
      expect(answer.headers.location).toBe(`/v1/jobs/${body.id}`);
      expect(body).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        operation: 'stop-db-cluster',
        by: 'loopback',
        target: 'default',
        resource: `default/db-cluster/${cluster}`,
        input: { dbClusterIdentifier: cluster },
        state: 'queued',
        event: null,
        progress: null,
        outcome: null,
        status: null,
        reason: null,
        createdAt: new Date(clock.now()).toISOString(),
        startedAt: null,
        finishedAt: null,
        deadline: new Date(clock.now() + 7_200_000).toISOString(),
        polls: 0,
        links: {
          self: `/v1/jobs/${body.id}`,
          events: `/v1/jobs/${body.id}/events`,
          operation: '/v1/operations/stop-db-cluster',
          cancel: `/v1/jobs/${body.id}`,
        },
      });
    });

    it('with 200 what it joins, and what its key is known for', async () => {
      const first = await stop('', { 'idempotency-key': `key-${cluster}` });
      const [joined, known] = [await stop(), await stop('', { 'idempotency-key': `key-${cluster}` })];
      expect([first.statusCode, joined.statusCode, known.statusCode]).toEqual([202, 200, 200]);
      expect([joined, known].map((answer) => answer.headers.location)).toEqual([
        first.headers.location,
        first.headers.location,
      ]);
    });

    it('with 409 and the holder when the resource is busy, or in line when asked to wait', async () => {
      const holder = (await stop()).json<{ id: string }>().id;
      const busy = await start();
      expect(busy.statusCode).toBe(409);
      expect(problemOf(busy)).toMatchObject({ code: 'resource-busy', holder });
      const waiting = await start('?on-busy=wait');
      expect([waiting.statusCode, waiting.json<{ state: string }>().state]).toEqual([202, 'waiting']);
    });

    it('with 422 when the key was used for another body', async () => {
      await stop('', { 'idempotency-key': `key-${cluster}` });
      const other = await stop('?target=prod', { 'idempotency-key': `key-${cluster}` });
      expect(problemOf(other)).toMatchObject({ code: 'idempotency-key-reused', status: 422 });
    });

    it('to another target, by a deadline', async () => {
      const deadline = new Date(clock.now() + 60_000).toISOString();
      const answer = await stop(`?target=prod&deadline=${encodeURIComponent(deadline)}`);
      expect(answer.json()).toMatchObject({ target: 'prod', resource: `prod/db-cluster/${cluster}`, deadline });
    });

    it('a reset only with its confirmation and the operator’s leave', async () => {
      const reset = (payload: object) => door.ask('POST', '/v1/operations/fast-reset', { payload });
      expect(problemOf(await reset({ dbClusterIdentifier: 'test-1', confirm: 'test-2' })).status).toBe(422);
      expect(problemOf(await reset({ dbClusterIdentifier: 'dev-1', confirm: 'dev-1' })).status).toBe(403);
      expect((await reset({ dbClusterIdentifier: 'test-1', confirm: 'test-1' })).statusCode).toBe(202);
    });

    it.each([
      ['POST', '/v1/operations/stop-db-cluster'],
      ['PUT', '/v1/hold'],
    ] as const)('nothing with thousands of unknown fields, in an answer of a few: %s %s', async (method, url) => {
      const fields = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`f${index}`, 1]));
      const long = { [`long${'x'.repeat(50_000)}`]: 1 };
      for (const payload of [fields, long]) {
        const answer = await door.ask(method, url, { payload });
        expect(answer.statusCode).toBe(400);
        expect(answer.body.length).toBeLessThan(4_000);
      }
      const { errors, detail } = problemOf(await door.ask(method, url, { payload: fields }));
      expect(errors).toHaveLength(20);
      expect(detail).toMatch(/ and 498\d more/);
    });

    it.each([
      ['entries', Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`k ${index}`, 'v']))],
      ['a list', Array<number>(501).fill(1)],
      ['depth', JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`) as unknown],
    ])('nothing whose tags have too many %s, without looking at each', async (_what, tags) => {
      const payload = { graphIdentifier: 'g-0123456789', snapshotName: 'nightly-1', tags };
      const problem = problemOf(await door.ask('POST', '/v1/operations/create-graph-snapshot', { payload }));
      expect(problem).toMatchObject({
        status: 400,
        code: 'invalid-input',
        errors: [{ path: 'tags', rule: 'has more than 500 entries' }],
      });
    });

    it('nothing that is wrong, and names every field of it at once', async () => {
      const payload = { graphIdentifier: 'my-graph', snapshotName: 'gs-1', tags: { 'aws:x': 'y' }, extra: 1 };
      const problem = problemOf(await door.ask('POST', '/v1/operations/create-graph-snapshot', { payload }));
      expect([problem.status, problem.code]).toEqual([400, 'invalid-input']);
      expect(problem.errors?.map(({ path }) => path)).toEqual([
        'graphIdentifier',
        'snapshotName',
        'tags.aws:x',
        'extra',
      ]);
    });

    it.each([
      ['unknown-operation', 404, '/v1/operations/drop-everything', '{}'],
      ['unknown-operation', 404, '/v1/operations/constructor', '{}'],
      ['unknown-operation', 404, '/v1/operations/__proto__', '{}'],
      ['unknown-target', 400, '/v1/operations/stop-db-cluster?target=elsewhere', '{"dbClusterIdentifier":"dev-1"}'],
      ['unknown-target', 400, '/v1/operations/stop-db-cluster?target=constructor', '{"dbClusterIdentifier":"dev-1"}'],
      ['invalid-request', 400, '/v1/operations/stop-db-cluster?on-busy=perhaps', '{"dbClusterIdentifier":"dev-1"}'],
      ['invalid-request', 400, '/v1/operations/stop-db-cluster?onBusy=wait', '{"dbClusterIdentifier":"dev-1"}'],
      ['invalid-request', 400, '/v1/operations/stop-db-cluster?deadline=tomorrow', '{"dbClusterIdentifier":"dev-1"}'],
      [
        'invalid-request',
        400,
        '/v1/operations/stop-db-cluster?dry-run=true&deadline=tomorrow',
        '{"dbClusterIdentifier":"dev-1"}',
      ],
      [
        'invalid-request',
        400,
        '/v1/operations/stop-db-cluster?target=prod&target=default',
        '{"dbClusterIdentifier":"dev-1"}',
      ],
      ['invalid-request', 400, '/v1/operations/stop-db-cluster', '{"dbClusterIdentifier":'],
      ['invalid-input', 400, '/v1/operations/stop-db-cluster', ''],
      ['invalid-request', 400, '/v1/operations/stop-db-cluster', '{"__proto__":{"dbClusterIdentifier":"dev-1"}}'],
      [
        'invalid-request',
        400,
        '/v1/operations/stop-db-cluster',
        '{"constructor":{"prototype":{}},"dbClusterIdentifier":"dev-1"}',
      ],
      ['invalid-input', 400, '/v1/operations/stop-db-cluster', '{"constructor":1,"dbClusterIdentifier":"dev-1"}'],
      ['invalid-input', 400, '/v1/operations/stop-db-cluster', 'null'],
      ['invalid-input', 400, '/v1/operations/stop-db-cluster', '[]'],
      ['invalid-input', 400, '/v1/operations/stop-db-cluster', '"dev-1"'],
      ['invalid-input', 400, '/v1/operations/stop-db-cluster', '{"dbClusterIdentifier":"dev-1\\u0000"}'],
      ['invalid-input', 400, '/v1/operations/stop-db-cluster', '{"dbClusterIdentifier":"\\ud800"}'],
      ['too-large', 413, '/v1/operations/stop-db-cluster', `{"dbClusterIdentifier":"${'a'.repeat(70_000)}"}`],
    ])('not, but says %s with %i to %s %s', async (code, status, url, payload) => {
      const before = await opened.storage.store.count(indexOf.jobs);
      const problem = problemOf(await door.ask('POST', url, { headers: json, payload }));
      expect([problem.code, problem.status]).toEqual([code, status]);
      expect(await opened.storage.store.count(indexOf.jobs)).toBe(before);
    });

    it.each([
      'text/plain',
      'application/xml',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'nonsense',
    ])('not from a body of %s', async (type) => {
      const answer = await stop('', { 'content-type': type });
      expect(problemOf(answer)).toMatchObject({ code: 'unsupported-media-type', status: 415 });
    });

    it('from JSON however its type is spelt', async () => {
      for (const type of ['application/json; charset=utf-8', 'Application/JSON']) {
        expect((await stop('', { 'content-type': type })).statusCode).toBeLessThan(300);
      }
    });

    it.each(['', 'two words', 'x'.repeat(256)])('not under the key “%s”', async (key) => {
      expect(problemOf(await stop('', { 'idempotency-key': key })).code).toBe('invalid-request');
    });
  });

  describe('answers for a job', () => {
    it('as it is', async () => {
      const { id } = (await stop()).json<{ id: string }>();
      const answer = await door.ask('GET', `/v1/jobs/${id}`);
      expect([answer.statusCode, answer.json()]).toEqual([200, expect.objectContaining({ id, state: 'queued' })]);
    });

    it('that has ended, with no way to cancel it', async () => {
      const job = endedJob({ id: `ended-${clusters}` });
      await write(job);
      expect((await door.ask('GET', `/v1/jobs/${job.id}`)).json()).toMatchObject({
        state: 'succeeded',
        outcome: { state: 'succeeded', changed: true, status: 'stopped' },
        finishedAt: '2026-11-20T10:05:00.000Z',
        links: { self: `/v1/jobs/${job.id}`, operation: '/v1/operations/stop-db-cluster' },
      });
      expect((await door.ask('GET', `/v1/jobs/${job.id}`)).json()).not.toHaveProperty('links.cancel');
    });

    it('cancels it with 202, again too, but not once it has ended', async () => {
      const { id } = (await stop()).json<{ id: string }>();
      for (const _ of [1, 2]) expect((await door.ask('DELETE', `/v1/jobs/${id}`)).statusCode).toBe(202);
      const job = endedJob({ id: `ended-${clusters}` });
      await write(job);
      expect(problemOf(await door.ask('DELETE', `/v1/jobs/${job.id}`))).toMatchObject({
        code: 'already-ended',
        status: 409,
      });
    });

    it('sends its refused event again with 202, and no other', async () => {
      const job = endedJob({ id: `ended-${clusters}`, event: 'refused' });
      await write(job);
      const again = await door.ask('POST', `/v1/jobs/${job.id}/event`);
      expect([again.statusCode, again.json()]).toEqual([202, expect.objectContaining({ event: 'pending' })]);
      const problem = problemOf(await door.ask('POST', `/v1/jobs/${job.id}/event`));
      expect([problem.code, problem.status]).toEqual(['event-not-refused', 409]);
    });

    it.each([
      { 'content-type': 'application/json' },
      { 'content-type': 'application/json; charset=utf-8', 'content-length': '0' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    ])('takes a request without a body for one, whatever it is called: %j', async (headers) => {
      const { id } = (await stop()).json<{ id: string }>();
      expect((await door.ask('DELETE', `/v1/jobs/${id}`, { headers })).statusCode).toBe(202);
      const job = endedJob({ id: `unnamed-${clusters}`, event: 'refused' });
      await write(job);
      expect((await door.ask('POST', `/v1/jobs/${job.id}/event`, { headers })).statusCode).toBe(202);
      const off = await door.ask('DELETE', '/v1/hold', { headers });
      expect([off.statusCode, problemOf(off).code]).toEqual([404, 'not-held']);
      const none = await door.ask('POST', '/v1/operations/stop-db-cluster', { headers });
      expect(problemOf(none)).toMatchObject({ code: 'invalid-input', errors: [{ path: 'dbClusterIdentifier' }] });
    });

    const oddIds = [
      'nobody',
      '__proto__',
      'constructor',
      '%00',
      'a%00b',
      '%F0%9F%98%80',
      '..%2f..%2fjobs',
      '*',
      '{neptune-ops}',
      "'; DROP TABLE job; --",
      'x'.repeat(200),
    ];
    it.each(oddIds)('that isn’t there (%s) with 404', async (id) => {
      for (const [method, url] of [
        ['GET', `/v1/jobs/${id}`],
        ['DELETE', `/v1/jobs/${id}`],
        ['POST', `/v1/jobs/${id}/event`],
      ] as const) {
        const problem = problemOf(await door.ask(method, url));
        expect([method, problem.status, problem.code]).toEqual([method, 404, 'job-not-found']);
      }
    });
  });

  describe('lists jobs', () => {
    const list = async (query: string): Promise<Listed> => (await door.ask('GET', `/v1/jobs?${query}`)).json<Listed>();

    async function walk(query: string, limit: number): Promise<string[]> {
      const ids: string[] = [];
      for (let cursor: string | null = '', pages = 0; cursor !== null; pages += 1) {
        if (pages > 500) throw new Error('the walk does not end');
        const page: Listed = await list(
          `${query}&limit=${limit}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        expect(page.jobs.length).toBeLessThanOrEqual(limit);
        ids.push(...page.jobs.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      return ids;
    }

    const base = Date.parse('2030-01-01T00:00:00Z');
    const many = Array.from({ length: 60 }, (_, i) =>
      endedJob({
        id: `walk-${String(i).padStart(3, '0')}`,
        operation: i % 3 === 0 ? 'start-db-cluster' : 'stop-db-cluster',
        resource: `default/db-cluster/walk-${i % 4}`,
        state: jobStates[i % jobStates.length] as JobState,
        // Several in the same millisecond.
        createdAt: base + Math.floor(i / 5),
      }),
    );
    const newestFirst = many
      .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
      .map(({ id }) => id);
    const since = `since=${encodeURIComponent(new Date(base).toISOString())}`;
    const onlyOf = (wanted: (job: JobRecord) => boolean) =>
      newestFirst.filter((id) => many.some((job) => job.id === id && wanted(job)));

    beforeAll(async () => {
      for (const job of many) await write(job);
    });

    it.each([1, 2, 7, 20, 100])('newest first, each exactly once, %i at a time', async (limit) => {
      expect(await walk(since, limit)).toEqual(newestFirst);
    });

    it.each([
      ['operation=start-db-cluster', (job: JobRecord) => job.operation === 'start-db-cluster'],
      ['state=failed', (job: JobRecord) => job.state === 'failed'],
      ['resource=default/db-cluster/walk-1', (job: JobRecord) => job.resource.endsWith('walk-1')],
      [
        'operation=stop-db-cluster&state=queued',
        (job: JobRecord) => job.operation === 'stop-db-cluster' && job.state === 'queued',
      ],
      [
        'operation=stop-db-cluster&state=succeeded&resource=default/db-cluster/walk-3',
        (job: JobRecord) =>
          job.operation === 'stop-db-cluster' && job.state === 'succeeded' && job.resource.endsWith('walk-3'),
      ],
      ['operation=fast-reset', () => false],
      ['resource=default/db-cluster/nobody', () => false],
      ['operation=constructor', () => false],
    ])('by %s', async (query, wanted) => {
      for (const limit of [1, 3, 100]) expect(await walk(`${query}&${since}`, limit)).toEqual(onlyOf(wanted));
    });

    it('from one time to another, both included', async () => {
      const [from, to] = [3, 5].map((ms) => encodeURIComponent(new Date(base + ms).toISOString()));
      const wanted = onlyOf(({ createdAt }) => createdAt >= base + 3 && createdAt <= base + 5);
      expect(wanted).toHaveLength(15);
      expect(await walk(`since=${from}&until=${to}`, 4)).toEqual(wanted);
      expect(await walk(`since=${to}&until=${from}`, 4)).toEqual([]);
    });

    it('twenty at a time when nothing else is said', async () => {
      expect((await list(since)).jobs).toHaveLength(20);
    });

    it.each([
      ['limit', 'limit=0'],
      ['limit', 'limit=101'],
      ['limit', 'limit=1.5'],
      ['limit', 'limit=many'],
      ['limit', 'limit=1&limit=2'],
      ['state', 'state=done'],
      ['since', 'since=yesterday'],
      ['since', 'since=2026-11-20'],
      ['until', 'until=2026-11-20T10:00:00'],
      ['cursor', 'cursor=rubbish'],
      ['cursor', `cursor=c1${'x'.repeat(401)}`],
      ['cursor', 'cursor=%00'],
      ['cursor', `cursor=${'x'.repeat(400)}`],
      ['resource', 'resource=%00'],
      ['operation', 'operation=%00'],
      ['sort', 'sort=id'],
    ])('not, but names %s when asked for %s', async (path, query) => {
      const problem = problemOf(await door.ask('GET', `/v1/jobs?${query}`));
      expect([problem.status, problem.code, problem.errors?.map((error) => error.path)]).toEqual([
        400,
        'invalid-request',
        [path],
      ]);
    });

    it('with a cursor that names no job, that every process takes, and that nobody else can make', async () => {
      const first = await list(`${since}&limit=2`);
      const sealed = String(first.nextCursor);
      for (const text of [sealed, Buffer.from(sealed.slice(2), 'base64url').toString('latin1')]) {
        expect(text).not.toMatch(/walk-|job|\d{13}/);
      }
      const other = openDoor(opened.storage);
      const url = `/v1/jobs?${since}&limit=2&cursor=${sealed}`;
      const [here, there] = [await door.ask('GET', url), await other.ask('GET', url)];
      expect(there.json<Listed>().jobs.map(({ id }) => id)).toEqual(newestFirst.slice(2, 4));
      expect(here.json<Listed>().jobs).toEqual(there.json<Listed>().jobs);
      await other.close();
      const old = `${String(base).padStart(13, '0')}job/walk-000`;
      const turned = `${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'Q' : 'A'}`;
      for (const wrong of [old, turned, `c1${'A'.repeat(80)}`, `c1${'A'.repeat(40)}`, sealed.slice(0, 60)]) {
        const problem = problemOf(await door.ask('GET', `/v1/jobs?cursor=${encodeURIComponent(wrong)}`));
        expect([problem.status, problem.code], wrong).toEqual([422, 'cursor-not-valid']);
        expect(problem.detail).toContain('Begin again without cursor');
      }
    });

    it('not, and names everything that is wrong with the query at once', async () => {
      const problem = problemOf(await door.ask('GET', '/v1/jobs?limit=0&state=done&since=x&colour=red'));
      expect(problem.errors?.map(({ path }) => path).toSorted()).toEqual(['colour', 'limit', 'since', 'state']);
    });
  });

  it('lists every operation with its schema and an example that it takes', async () => {
    const answer = await door.ask('GET', '/v1/operations');
    const { operations } = answer.json<{
      operations: { name: string; example: object; input: object; links: { enqueue: string } }[];
    }>();
    expect(operations.map(({ name }) => name)).toEqual(operationNames);
    for (const { example, input, links } of operations) {
      expect(input).toMatchObject({ type: 'object', additionalProperties: false });
      const answered = await door.ask('POST', `${links.enqueue}?on-busy=wait`, { payload: example });
      expect(answered.statusCode).toBeLessThan(300);
    }
  });

  it('tells of one operation what the list tells, where each of its jobs leads to', async () => {
    const { operations } = (await door.ask('GET', '/v1/operations')).json<{ operations: { name: string }[] }>();
    for (const operation of operations) {
      expect((await door.ask('GET', `/v1/operations/${operation.name}`)).json()).toEqual(operation);
    }
    const job = (await stop()).json<{ links: { operation: string } }>();
    expect((await door.ask('GET', job.links.operation)).json()).toMatchObject({ name: 'stop-db-cluster' });
    for (const name of ['drop-everything', 'constructor', '__proto__', '%00']) {
      const problem = problemOf(await door.ask('GET', `/v1/operations/${name}`));
      expect([problem.status, problem.code], name).toEqual([404, 'unknown-operation']);
    }
  });

  it.each([
    [
      'There is no input, and fast-reset needs dbClusterIdentifier, confirm.',
      ['dbClusterIdentifier: is missing: text is needed', 'confirm: is missing: text is needed'],
      ['POST', '/v1/operations/fast-reset'],
    ],
    [
      'The input of stop-db-cluster is not right: dbClusterIdentifier.',
      ['dbClusterIdentifier: should be text, not a number'],
      ['POST', '/v1/operations/stop-db-cluster', '{"dbClusterIdentifier":1}'],
    ],
    [
      'The input of stop-db-cluster is not right: (the whole input).',
      ['(the whole input): should be an object, not a list'],
      ['POST', '/v1/operations/stop-db-cluster', '[]'],
    ],
    [
      'The query is not right: target.',
      ['target: is given more than once'],
      ['POST', '/v1/operations/stop-db-cluster?target=a&target=b', '{}'],
    ],
    ['There is no body, and it needs reason.', ['reason: say why: others will want to know'], ['PUT', '/v1/hold']],
    [
      'The body is not right: (the whole body).',
      ['(the whole body): should be an object, not null'],
      ['PUT', '/v1/hold', 'null'],
    ],
    [
      'The body is not right: target, extra.',
      ['target: should be text, not false', 'extra: there is no such field'],
      ['PUT', '/v1/hold', '{"target":false,"reason":"x","extra":1}'],
    ],
  ] as const)('says in plain words what is wrong: %s', async (detail, rules, [method, url, payload]) => {
    const problem = problemOf(await door.ask(method, url, payload === undefined ? {} : { headers: json, payload }));
    expect(problem.detail).toBe(detail);
    expect(problem.errors?.map(({ path, rule }) => `${path}: ${rule}`)).toEqual(rules);
  });

  it.each(['{"a":{"__proto__":{}},"reason":"x"}', '{"constructor":{"prototype":{}},"reason":"x"}'])(
    'refuses %s for the key that it has, and no JSON for being none',
    async (payload) => {
      const forbidden = problemOf(await door.ask('PUT', '/v1/hold', { headers: json, payload }));
      expect(forbidden).toMatchObject({ code: 'invalid-request', detail: expect.stringContaining('__proto__') });
      const broken = problemOf(await door.ask('PUT', '/v1/hold', { headers: json, payload: payload.slice(1) }));
      expect(broken).toMatchObject({ code: 'invalid-request', detail: expect.stringContaining('not valid JSON') });
    },
  );

  it.each([
    ['GET', '/'],
    ['GET', '/v1'],
    ['GET', '/v1/jobs/'],
    ['PUT', '/v1/jobs/x'],
    ['GET', '/v1/operations/stop-db-cluster/x'],
    ['DELETE', '/v1/operations/stop-db-cluster'],
    ['POST', '/v1/jobs'],
  ] as const)('has nothing at %s %s', async (method, url) => {
    expect(problemOf(await door.ask(method, url)).status).toBe(404);
  });

  it.each([`/v1/jobs/${'x'.repeat(300)}`, '/v1/jobs/%zz', '/v1/jobs/%', '/v1/operations/%c0%af', '/%ff'])(
    'says no to the address %s in the same way',
    async (url) => {
      expect(problemOf(await door.ask('GET', url)).status).toBeLessThan(500);
    },
  );

  it('answers that it lives', async () => {
    expect((await door.ask('GET', '/healthz')).json()).toEqual({ status: 'ok' });
  });
});

describe.each(storageKinds())('readiness on $name', ({ open }) => {
  it('is said, and what is in its way', async () => {
    const clock = createTurnableClock(Date.parse('2026-11-20T10:00:00Z'));
    const opened = await open(clock.now);
    const door = openDoor(opened.storage);
    const ready = async () => {
      const answer = await door.ask('GET', '/readyz');
      return { status: answer.statusCode, reasons: answer.json<{ reasons: string[] }>().reasons };
    };
    const warnings = async () => (await door.ask('GET', '/readyz')).json<{ warnings?: string[] }>().warnings;
    const workers = [await startHeartbeat(opened.storage.store)];
    try {
      expect(await ready()).toEqual({ status: 200, reasons: [] });

      const report = reportCredentials(opened.storage.store);
      // One target's trouble is not the service's, as long as another target is left.
      report('prod', 'ExpiredToken: the token has expired');
      await expect.poll(warnings).toEqual([expect.stringMatching(/credentials of target prod/)]);
      expect(await ready()).toEqual({ status: 200, reasons: [] });
      report('default', 'ExpiredToken: the token has expired');
      await expect.poll(ready).toMatchObject({
        status: 503,
        reasons: [expect.stringMatching(/credentials/), expect.stringMatching(/credentials/)],
      });
      clock.advance(60_000);
      workers.push(await startHeartbeat(opened.storage.store));
      expect((await ready()).status).toBe(200);

      await door.ask('POST', '/v1/operations/stop-db-cluster', { payload: { dbClusterIdentifier: 'dev-1' } });
      clock.advance(60_001);
      workers.push(await startHeartbeat(opened.storage.store));
      expect(await ready()).toMatchObject({ status: 503, reasons: [expect.stringMatching(/overdue/)] });
    } finally {
      for (const worker of workers) await worker.stop();
      await door.close();
      await opened.close();
    }
  });
});

describe.each(storageKinds())('with the store gone, on $name,', ({ name, open }) => {
  const everything: readonly (readonly [method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object])[] = [
    ['POST', '/v1/operations/stop-db-cluster', { dbClusterIdentifier: 'dev-1' }],
    ['GET', '/v1/jobs/some-id'],
    ['GET', '/v1/jobs'],
    ['DELETE', '/v1/jobs/some-id'],
    ['POST', '/v1/jobs/some-id/event'],
  ];

  async function expectUnreachable(door: TestDoor): Promise<void> {
    for (const [method, url, payload] of everything) {
      const began = performance.now();
      const answer = await door.ask(method, url, payload === undefined ? {} : { payload });
      expect(performance.now() - began, url).toBeLessThan(soon);
      expect(problemOf(answer), url).toMatchObject({ code: 'store-unreachable', status: 503 });
    }
    const began = performance.now();
    expect((await door.ask('GET', '/readyz')).statusCode).toBe(503);
    expect(performance.now() - began).toBeLessThan(soon);
    expect((await door.ask('GET', '/healthz')).statusCode).toBe(200);
  }

  it('everything says so at once, and works again once it is back', async () => {
    const opened = await open();
    const door = openDoor(opened.storage);
    const workers = [await startHeartbeat(opened.storage.store)];
    try {
      expect((await door.ask('GET', '/readyz')).statusCode).toBe(200);
      if (opened.server) {
        await opened.server.kill();
        await expectUnreachable(door);
        await opened.server.restart();
        await expect.poll(() => opened.storage.store.read([]).catch(() => undefined)).toBeDefined();
        workers.push(await startHeartbeat(opened.storage.store));
        await expect.poll(async () => (await door.ask('GET', '/readyz')).statusCode).toBe(200);
      } else {
        await opened.close();
        await expectUnreachable(door);
      }
    } finally {
      for (const worker of workers) await worker.stop();
      await door.close();
      if (name === 'redis') await opened.close();
    }
  });

  if (name === 'embedded') return;
  it('or frozen, nothing hangs', async () => {
    const opened = await open(undefined, 2_000);
    const door = openDoor(opened.storage);
    try {
      await opened.server?.kill('SIGSTOP');
      const began = performance.now();
      const answers = await Promise.all([
        ...everything.map(([method, url, payload]) => door.ask(method, url, payload === undefined ? {} : { payload })),
        door.ask('GET', '/readyz'),
      ]);
      expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 503));
      expect(performance.now() - began).toBeLessThan(soon);
    } finally {
      await opened.server?.kill('SIGCONT');
      await door.close();
      await opened.close();
    }
  });
});

describe.runIf(hasRedisServer())('with a Redis that answers, but can’t take anything now,', () => {
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(line) });
  let opened: OpenStorage;
  let redis: Redis;
  let door: TestDoor;
  beforeAll(async () => {
    opened = await (storageKinds()[0] as ReturnType<typeof storageKinds>[number]).open();
    redis = new Redis(opened.server?.url ?? '');
    door = openDoor(opened.storage, undefined, undefined, log);
  });
  afterAll(async () => {
    await door?.close();
    redis?.disconnect();
    await opened?.close();
  });
  beforeEach(() => void logged.splice(0));

  const stop = (dbClusterIdentifier: string) =>
    door.ask('POST', '/v1/operations/stop-db-cluster', { payload: { dbClusterIdentifier } });
  const asked = (storage: OpenStorage['storage']) => {
    const another = openDoor(storage, undefined, undefined, log);
    return another.ask('GET', '/v1/jobs/some-id').finally(() => another.close());
  };
  const saying = (message: string) =>
    asked({
      ...opened.storage,
      store: { ...opened.storage.store, read: () => Promise.reject(new (ReplyError as ErrorConstructor)(message)) },
    });

  it.each([
    ['READONLY', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
    ['OOM', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['NOREPLICAS', ['CONFIG', 'SET', 'min-replicas-to-write', '1'], ['CONFIG', 'SET', 'min-replicas-to-write', '0']],
  ] as const)('the door says so and what to do (%s), and takes the same request once it can', async (word, on, off) => {
    const name = `dev-${word.toLowerCase()}`;
    await redis.call(on[0], ...on.slice(1));
    try {
      const problem = problemOf(await stop(name));
      expect(problem).toMatchObject({ status: 503, code: 'store-unreachable' });
      expect(problem.detail).toMatch(/ask again with the same Idempotency-Key/);
      // While a new connection is made, because the server may be the wrong one by now, that is what is in the way.
      await expect.poll(() => stop(name).then(() => logged.join(''))).toContain(word);
    } finally {
      await redis.call(off[0], ...off.slice(1));
    }
    await expect.poll(async () => (await stop(name)).statusCode).toBe(202);
  });

  it('the door says so as well while it loads, but calls a question that was wrong its own error', async () => {
    const loading = problemOf(await saying('LOADING Redis is loading the dataset in memory'));
    expect(loading).toMatchObject({ status: 503, code: 'store-unreachable' });
    const wrong = problemOf(await saying('ERR wrong number of arguments for ‘mget’ command'));
    expect(wrong).toMatchObject({ status: 500, code: 'internal-error' });
    expect(wrong.detail).not.toContain('mget');
  });
});
