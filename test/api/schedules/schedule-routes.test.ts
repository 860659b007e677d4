// Schedules over HTTP: what is answered to whom, what is written, and what is refused how.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKey } from '../../../src/api/auth/api-keys.ts';
import { openApiDocument } from '../../../src/api/openapi/openapi.ts';
import type {
  KeepOnAnswer,
  ResourceAnswer,
  ScheduleAnswer,
  SchedulesAnswer,
} from '../../../src/api/schedules/schedule-answer.ts';
import type { PreviewAnswer } from '../../../src/api/schedules/schedule-preview.ts';
import type { SavingsAnswer } from '../../../src/api/schedules/savings-answer.ts';
import { schedulesQueue } from '../../../src/queue/names.ts';
import { storageKinds } from '../../support/storages.ts';
import { openDoor } from '../server.ts';
import { type ScheduledPlace, openScheduled, present, managed, usual } from './scheduled.ts';
import { soon } from '../../support/patience.ts';

const key = (scopes: string[], more: { targets?: string[]; resources?: string[] } = {}) =>
  createKey({ name: scopes.join(' '), scopes, targets: ['*'], resources: ['*'], ...more });

const planner = key(['read', 'schedules']);
const reader = key(['read']);
const jobs = key(['operation:*', 'hold']);
const dev = key(['read', 'schedules'], { targets: ['default'], resources: ['db-cluster/dev-1'] });
const keys = [planner, reader, jobs, dev];
type Who = { key: string };

describe('schedules over HTTP', () => {
  let place: ScheduledPlace;
  let lines: Record<string, unknown>[] = [];
  beforeAll(async () => {
    const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    const list = JSON.stringify(keys.map(({ entry }) => entry));
    place = await openScheduled({ config: { NEPTUNE_OPS_API_KEYS: list }, log });
  });
  beforeEach(() => (lines = []));
  afterEach(() => {
    place.clock.now = present;
  });
  afterAll(() => place.close());

  const ask = (who: Who, method: 'GET' | 'PUT' | 'DELETE', url: string, payload?: object, headers = {}) =>
    place.door.ask(method, url, {
      headers: { authorization: `Bearer ${who.key}`, ...headers },
      ...(payload ? { payload } : {}),
    });
  const get = async <Answer>(who: Who, url: string) => (await ask(who, 'GET', url)).json<Answer>();
  const resources = async (who: Who, query = '') =>
    (await get<{ resources: ResourceAnswer[] }>(who, `/v1/scheduled-resources${query}`)).resources;
  const pause = (who: Who, name: string, body: object = { reason: 'release weekend' }) =>
    ask(who, 'PUT', `/v1/schedules/${name}/pause`, body);
  const keep = (who: Who, body: object) => ask(who, 'PUT', '/v1/keep-on', { reason: 'load test', ...body });
  const end = (who: Who, resource: string) => ask(who, 'DELETE', `/v1/keep-on?resource=${resource}`);

  it('says what is scheduled, what comes next, and what is odd', async () => {
    const answer = await get<SchedulesAnswer>(planner, '/v1/schedules');
    expect(answer).toMatchObject({
      at: '2026-11-18T10:30:00.000Z',
      file: { loadedAt: '2026-11-18T09:30:00.000Z', broken: null },
      schedules: [
        {
          name: 'office-hours',
          kind: 'running',
          says: 'mon-fri 07:00–19:00',
          timeZone: 'Europe/Berlin',
          resources: 3,
          next: { at: '2026-11-18T18:00:00.000Z', running: false },
          pause: null,
          troubles: ['no DB cluster in default is called nowhere-1'],
        },
        { name: 'secret-nights', resources: 1, next: { at: '2026-11-18T13:00:00.000Z', running: true } },
        {
          name: 'snapshots',
          kind: 'cron',
          says: 'create-graph-snapshot at 30 2 * * *',
          resources: 1,
          next: { at: '2026-11-19T01:30:00.000Z', running: null },
        },
      ],
    });
    expect(answer.schedules[0]?.applies).toContain('default/db-cluster/dev-*');
  });

  it('shows a schedule with its resources, each with what it should be and why', async () => {
    const shown = await get<ScheduleAnswer & { resourceList: ResourceAnswer[] }>(planner, '/v1/schedules/office-hours');
    expect(shown.resourceList.map(({ resource }) => resource)).toEqual([
      'default/db-cluster/dev-1',
      'default/db-cluster/dev-2',
      'default/graph/g-0123456789',
    ]);
    expect(shown.resourceList[0]).toMatchObject({
      should: 'running',
      why: 'office-hours says running until Wed 2026-11-18 19:00',
      next: { at: '2026-11-18T18:00:00.000Z', running: false },
      doing: null,
      keepOn: null,
    });
    const cron = await get<{ resourceList: ResourceAnswer[] }>(planner, '/v1/schedules/snapshots');
    expect(cron.resourceList.map(({ id }) => id)).toEqual(['g-0123456789']);
  });

  it('looks ahead in instants and by the schedule’s own clock', async () => {
    const { spans, fires } = await get<PreviewAnswer>(planner, '/v1/schedules/office-hours/preview?days=3');
    expect(fires).toBeNull();
    expect(spans?.map(({ from, running }) => [from.local, running])).toEqual([
      ['Wed 2026-11-18 11:30', true],
      ['Wed 2026-11-18 19:00', false],
      ['Thu 2026-11-19 07:00', true],
      ['Thu 2026-11-19 19:00', false],
      ['Fri 2026-11-20 07:00', true],
      ['Fri 2026-11-20 19:00', false],
    ]);
    const cron = await get<PreviewAnswer>(planner, '/v1/schedules/snapshots/preview?days=2');
    expect(cron.fires).toEqual([
      { at: '2026-11-19T01:30:00.000Z', local: 'Thu 2026-11-19 02:30' },
      { at: '2026-11-20T01:30:00.000Z', local: 'Fri 2026-11-20 02:30' },
    ]);
    for (const days of ['0', '401', '1.5', 'x']) {
      expect(await get(planner, `/v1/schedules/snapshots/preview?days=${days}`), days).toMatchObject({
        code: 'invalid-request',
      });
    }
  });

  it('finds resources by schedule, target, and identifier or name', async () => {
    const ids = async (query: string) => (await resources(planner, query)).map(({ id }) => id);
    expect(await ids('?schedule=secret-nights')).toEqual(['prod-1']);
    expect(await ids('?target=prod')).toEqual(['prod-1']);
    expect(await ids('?id=Catalogue')).toEqual(['g-0123456789']);
    expect(await ids('?id=dev-3')).toEqual([]);
  });

  it('pauses a schedule until it is resumed, with who and why, and acts on it at once', async () => {
    const before = await place.storage.queue(schedulesQueue).count();
    const paused = await pause(planner, 'office-hours', {
      reason: 'release weekend',
      until: '2026-11-20T08:00:00+01:00',
    });
    expect(paused.json()).toEqual({
      schedule: 'office-hours',
      since: '2026-11-18T10:30:00.000Z',
      until: '2026-11-20T07:00:00.000Z',
      by: 'read schedules',
      reason: 'release weekend',
    });
    expect(await place.storage.queue(schedulesQueue).count()).toBe(before + 1);
    expect((await resources(planner))[0]).toMatchObject({
      should: 'left',
      why: 'office-hours is paused until Fri 2026-11-20 08:00 by read schedules: release weekend',
    });
    expect((await get<SchedulesAnswer>(planner, '/v1/schedules')).schedules[0]?.pause).toEqual(paused.json());
    const resume = () => ask(planner, 'DELETE', '/v1/schedules/office-hours/pause');
    expect((await resume()).statusCode).toBe(204);
    expect((await resume()).json()).toMatchObject({ code: 'not-paused', status: 404 });
    expect((await resources(planner))[0]).toMatchObject({ should: 'running' });
  });

  it('keeps a resource on until a time, and leaves it to its schedule again', async () => {
    const resource = 'default/db-cluster/dev-1';
    const kept = await keep(planner, { resource, until: '2026-11-18T21:00:00Z' });
    expect(kept.json()).toEqual({
      resource,
      since: '2026-11-18T10:30:00.000Z',
      from: '2026-11-18T10:30:00.000Z',
      until: '2026-11-18T21:00:00.000Z',
      by: 'read schedules',
      reason: 'load test',
    });
    place.clock.now = Date.parse('2026-11-18T20:00:00Z');
    expect((await resources(planner))[0]).toMatchObject({
      should: 'running',
      why: 'kept on until Wed 2026-11-18 22:00 by read schedules: load test',
      keepOn: kept.json() as KeepOnAnswer,
    });
    expect(await get(planner, '/v1/keep-on')).toEqual({ keepOns: [kept.json()] });
    expect((await end(planner, resource)).statusCode).toBe(204);
    expect((await end(planner, resource)).json()).toMatchObject({ code: 'not-kept-on' });
    expect((await resources(planner))[0]).toMatchObject({ should: 'stopped' });
  });

  it('skips the next stop: from then to the start behind it', async () => {
    const resource = 'default/db-cluster/dev-1';
    place.clock.now = Date.parse('2026-11-20T12:00:00Z');
    const skip = async () => (await keep(planner, { resource, skipNextStop: true })).json<KeepOnAnswer>();
    expect(await skip()).toMatchObject({ from: '2026-11-20T18:00:00.000Z', until: '2026-11-23T06:00:00.000Z' });
    expect(await skip()).toMatchObject({ from: '2026-11-20T18:00:00.000Z', until: '2026-11-23T06:00:00.000Z' });
    expect((await resources(planner))[0]?.why).toMatch(/^office-hours says running/);
    await end(planner, resource);

    // Kept on by hand in the evening: what comes next is the end of that.
    place.clock.now = Date.parse('2026-11-23T19:00:00Z');
    await keep(planner, { resource, until: '2026-11-23T21:00:00Z' });
    expect(await skip()).toMatchObject({ from: '2026-11-23T19:00:00.000Z', until: '2026-11-24T06:00:00.000Z' });
    await end(planner, resource);
  });

  it('refuses what can’t be kept on, each with its code', async () => {
    const resource = 'default/db-cluster/dev-1';
    const until = '2026-11-18T21:00:00Z';
    const refused = async (body: object) => (await keep(planner, body)).json<{ code: string; detail: string }>();
    expect(await refused({ resource, until: '2026-11-18T10:00:00Z' })).toMatchObject({ code: 'invalid-request' });
    expect(await refused({ resource, until: '2027-11-18T10:00:00Z' })).toMatchObject({ code: 'invalid-request' });
    expect(await refused({ resource })).toMatchObject({ code: 'invalid-request', detail: /until/ });
    expect(await refused({ resource, until, skipNextStop: true })).toMatchObject({ code: 'invalid-request' });
    expect(await refused({ resource, until: 'tomorrow' })).toMatchObject({ code: 'invalid-request' });
    expect(await refused({ resource: 'dev-1', until })).toMatchObject({ code: 'invalid-request' });
    expect(await refused({ resource, until, reason: ' ' })).toMatchObject({ code: 'invalid-request' });
    expect(await refused({ resource, until, reason: 'a\u0000b' })).toMatchObject({ code: 'invalid-request' });
    expect(await refused({ resource: 'default/db-cluster/other', until })).toMatchObject({
      code: 'resource-not-scheduled',
    });
    expect(await refused({ resource: 'nowhere/db-cluster/dev-1', until })).toMatchObject({ code: 'unknown-target' });
    expect(await get(planner, '/v1/keep-on')).toEqual({ keepOns: [] });
  });

  it('answers 404 with a stable code for schedules that there aren’t', async () => {
    for (const url of ['/v1/schedules/nights', '/v1/schedules/nights/preview']) {
      expect(await get(planner, url), url).toMatchObject({ code: 'schedule-not-found', status: 404 });
    }
    expect((await pause(planner, 'nights')).json()).toMatchObject({ code: 'schedule-not-found' });
    expect((await pause(planner, 'office-hours', { reason: 'x', until: '2026-11-18T10:00:00Z' })).json()).toMatchObject(
      {
        code: 'invalid-request',
      },
    );
  });

  it('tells of a newer file that is broken, while the older one stays in force', async () => {
    const finding = { level: 'error', line: 3, column: 5, path: 'schedules.x', message: 'No.' } as const;
    place.file.break([finding]);
    const answer = await get<SchedulesAnswer>(planner, '/v1/schedules');
    expect(answer.file.broken).toEqual([finding]);
    expect(answer.schedules).toHaveLength(3);
    // What the file says may name what this key doesn't reach.
    expect((await get<SchedulesAnswer>(dev, '/v1/schedules')).file.broken).toEqual([]);
    place.file.state = { ...place.file.state, broken: undefined };
  });

  it('is answered in the shapes that the OpenAPI document tells', async () => {
    await keep(planner, { resource: 'default/db-cluster/dev-1', skipNextStop: true });
    await pause(planner, 'office-hours');
    const { components } = openApiDocument('1') as { components: { schemas: Record<string, object> } };
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const fits = (name: string, answer: unknown) => {
      // Nothing that is answered may be missing in the document.
      const closed = structuredClone(components.schemas) as Record<string, { additionalProperties?: boolean }>;
      const root = closed[name];
      if (root) root.additionalProperties = false;
      const validate = ajv.compile({ $ref: `#/components/schemas/${name}`, components: { schemas: closed } });
      expect(validate(answer), `${name}: ${ajv.errorsText(validate.errors)}`).toBe(true);
    };
    const answer = await get<SchedulesAnswer>(planner, '/v1/schedules');
    fits('Schedules', answer);
    for (const schedule of answer.schedules) fits('Schedule', schedule);
    for (const each of await resources(planner)) fits('ScheduledResource', each);
    for (const lease of (await get<{ keepOns: unknown[] }>(planner, '/v1/keep-on')).keepOns) fits('KeepOn', lease);
    for (const name of ['office-hours', 'snapshots']) {
      fits('Preview', await get(planner, `/v1/schedules/${name}/preview`));
    }
    fits('Savings', await get(planner, '/v1/savings'));
    expect(() => fits('Savings', {})).toThrow('Savings');
    await end(planner, 'default/db-cluster/dev-1');
    await ask(planner, 'DELETE', '/v1/schedules/office-hours/pause');
  });

  describe('by what a key may do', () => {
    const resource = 'default/db-cluster/dev-1';
    const until = '2026-11-18T21:00:00Z';

    it('lets whoever may only read change nothing, and whoever may not read see nothing', async () => {
      expect((await pause(reader, 'office-hours')).json()).toMatchObject({ code: 'forbidden' });
      expect((await ask(reader, 'DELETE', '/v1/schedules/office-hours/pause')).statusCode).toBe(403);
      expect((await keep(reader, { resource, until })).statusCode).toBe(403);
      expect((await end(reader, resource)).statusCode).toBe(403);
      expect((await keep(jobs, { resource, until })).statusCode).toBe(403);
      for (const url of ['schedules', 'schedules/office-hours', 'scheduled-resources', 'keep-on', 'savings']) {
        expect((await ask(jobs, 'GET', `/v1/${url}`)).statusCode, url).toBe(403);
      }
      expect((await ask(jobs, 'GET', '/schedules')).statusCode).toBe(403);
      expect(await get(planner, '/v1/keep-on')).toEqual({ keepOns: [] });
    });

    it('shows a key only what it reaches, and counts nothing else', async () => {
      await keep(planner, { resource: 'default/db-cluster/dev-2', until });
      const { schedules } = await get<SchedulesAnswer>(dev, '/v1/schedules');
      expect(schedules).toMatchObject([{ name: 'office-hours', resources: 1, applies: null, troubles: [] }]);
      expect((await resources(dev)).map((each) => each.resource)).toEqual([resource]);
      expect(await get(dev, '/v1/schedules/secret-nights')).toMatchObject({ code: 'schedule-not-found' });
      expect(await get(dev, '/v1/keep-on')).toEqual({ keepOns: [] });
      const savings = await get<SavingsAnswer>(dev, '/v1/savings');
      expect(savings.rows.map((row) => row.resource)).toEqual([resource]);
      expect(savings.total.asleepHours).toBe(savings.rows[0]?.asleepHours);
      const everyDay = savings.days.reduce((sum, { asleepHours }) => sum + asleepHours, 0);
      expect(everyDay).toBeCloseTo(savings.total.asleepHours, 1);
      const page = (await ask(dev, 'GET', '/schedules')).body;
      expect(page).toContain(resource);
      for (const hidden of ['dev-2', 'prod-1', 'secret-nights', 'g-0123456789', 'nowhere-1']) {
        expect(page, hidden).not.toContain(hidden);
        expect((await ask(dev, 'GET', '/v1/schedules')).body, hidden).not.toContain(hidden);
      }
      await end(planner, 'default/db-cluster/dev-2');
    });

    it('lets a key keep on what it reaches, but pause no whole schedule', async () => {
      expect((await keep(dev, { resource, until })).statusCode).toBe(200);
      expect((await end(dev, resource)).statusCode).toBe(204);
      expect((await keep(dev, { resource: 'default/db-cluster/dev-2', until })).json()).toMatchObject({
        code: 'forbidden',
      });
      expect((await end(dev, 'default/db-cluster/dev-2')).statusCode).toBe(403);
      expect((await pause(dev, 'office-hours')).json()).toMatchObject({ code: 'forbidden' });
      // Nor learn by a refusal which schedules there are.
      expect((await pause(dev, 'nights')).json()).toMatchObject({ code: 'forbidden' });
    });

    it('leaves an audit line for every change, done or refused', async () => {
      await keep(dev, { resource, until });
      await end(dev, resource);
      await pause(reader, 'office-hours');
      const audits = lines.filter(({ msg }) => msg === 'audit');
      expect(audits).toMatchObject([
        { who: dev.entry.id, method: 'PUT', route: '/v1/keep-on', target: 'default', resource, status: 200 },
        { who: dev.entry.id, method: 'DELETE', route: '/v1/keep-on', resource, status: 204 },
        { who: reader.entry.id, method: 'PUT', resource: 'schedule/office-hours', status: 403 },
      ]);
    });

    it('shows the page to whoever signed in, and leads everybody else to signing in', async () => {
      const asPage = { accept: 'text/html' };
      const led = await place.door.ask('GET', '/schedules?schedule=office-hours', { headers: asPage });
      expect([led.statusCode, led.headers.location]).toEqual([
        303,
        `/sign-in?next=${encodeURIComponent('/schedules?schedule=office-hours')}`,
      ]);
      const page = await ask(reader, 'GET', '/schedules', undefined, asPage);
      expect(page.statusCode).toBe(200);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    });
  });

  describe('what was saved', () => {
    it('is counted by resource and by day, in hours and, where prices are known, in money', async () => {
      const savings = await get<SavingsAnswer>(planner, '/v1/savings?month=2026-11');
      expect(savings).toMatchObject({
        from: '2026-11-01T00:00:00.000Z',
        to: '2026-11-18T10:30:00.000Z',
        currency: 'USD',
      });
      const row = (id: string) => savings.rows.find(({ resource }) => resource.endsWith(id));
      const dev1 = row('dev-1');
      // From Monday 2 November, 0:00 UTC: 6 h, ten nights of 12 h, two weekends of 60 h; ten minutes less for each of 13 stops; as many starts.
      expect(dev1).toMatchObject({ asleepHours: 243.833, movingHours: 4.333, unknownHours: 0 });
      expect(dev1?.instanceHours).toEqual({ 'db.r6g.large': 487.667 });
      expect(dev1?.money).toBeCloseTo(243.8333, 3);
      expect(row('dev-2')).toMatchObject({ money: null, unknownPrices: ['db.r8g.large'] });
      const graph = row('g-0123456789');
      expect(graph?.money).toBeCloseTo((graph?.asleepHours ?? 0) * 32 * 0.9 * 0.4, 1);
      expect(savings.total.unknownPrices).toEqual(['db.r8g.large']);
      expect(savings.days.map(({ date }) => date)).toEqual(
        Array.from({ length: 17 }, (_, index) => `2026-11-${String(index + 2).padStart(2, '0')}`),
      );
      const sum = (of: (each: { asleepHours: number }) => number) =>
        savings.days.reduce((all, each) => all + of(each), 0);
      expect(sum(({ asleepHours }) => asleepHours)).toBeCloseTo(savings.total.asleepHours, 1);
    });

    it('is of any time, and of nothing in a month to come', async () => {
      const oneDay = await get<SavingsAnswer>(
        planner,
        '/v1/savings?since=2026-11-14T00:00:00Z&until=2026-11-15T00:00:00Z',
      );
      // A Saturday, on which three of four sleep all day.
      expect(oneDay.rows.map(({ resource, asleepHours }) => [resource, asleepHours])).toContainEqual([
        'default/db-cluster/dev-1',
        24,
      ]);
      expect(await get(planner, '/v1/savings?month=2027-01')).toMatchObject({ rows: [], days: [] });
      for (const query of ['month=2026-13', 'since=2026-11-14T00:00:00Z', 'month=2026-11&since=2026-11-14T00:00:00Z']) {
        expect(await get(planner, `/v1/savings?${query}`), query).toMatchObject({ code: 'invalid-request' });
      }
    });

    it('is also CSV, of which no cell is a formula', async () => {
      const csv = await ask(planner, 'GET', '/v1/savings?format=csv');
      expect(csv.headers['content-type']).toContain('text/csv');
      expect(csv.headers['content-disposition']).toBe('attachment; filename="savings-2026-11-01-to-2026-11-18.csv"');
      const rows = csv.body.split('\r\n');
      expect(rows[0]).toMatch(/^resource,name,schedule,from,to,asleep_hours,/);
      expect(rows).toHaveLength(6);
      expect(rows.at(-1)).toBe('');
      expect((await ask(planner, 'GET', '/v1/savings', undefined, { accept: 'text/csv' })).body).toBe(csv.body);
    });
  });
});

describe('names that others chose', () => {
  let place: ScheduledPlace;
  const evil = '=HYPERLINK("http://evil.example","x")<script>alert(1)</script>';
  beforeAll(async () => {
    place = await openScheduled({
      managedResources: [...usual, managed('default/graph/g-evil000000', 'office-hours', { name: evil })],
    });
  });
  afterAll(() => place.close());

  it('are no formula in CSV', async () => {
    const { body } = await place.door.ask('GET', '/v1/savings?format=csv');
    expect(body).toContain(`,"'=HYPERLINK(""http://evil.example"",""x"")<script>alert(1)</script>",`);
    expect(body).not.toMatch(/(^|,)"?[=+@-]/m);
  });

  it('are no markup on the page', async () => {
    const { body } = await place.door.ask('GET', `/schedules?find=${encodeURIComponent('"><script>')}`);
    expect(body).not.toContain('<script');
    expect((await place.door.ask('GET', '/schedules')).body).toContain('&lt;script&gt;alert(1)');
  });
});

describe('the page of schedules', () => {
  it('is quick and small with 200 resources, of which it shows a hundred at a time', async () => {
    const managedResources = Array.from({ length: 200 }, (_, index) =>
      managed(`default/db-cluster/dev-${String(index).padStart(3, '0')}`, 'office-hours'),
    );
    const place = await openScheduled({ managedResources });
    try {
      const { store } = place.storage;
      const asked = [vi.spyOn(store, 'page'), vi.spyOn(store, 'read')];
      const began = performance.now();
      const { body } = await place.door.ask('GET', '/schedules');
      const [took, reads] = [performance.now() - began, asked.reduce((sum, { mock }) => sum + mock.calls.length, 0)];
      for (const spy of asked) spy.mockRestore();
      const size = Math.round(body.length / 1_000);
      console.log(`The page of 200 resources: ${Math.round(took)} ms, ${reads} reads, ${size} kB`);
      expect(size).toBeLessThan(1_000);
      // A thousand spans at a time, of which there are some eighteen thousand; and nothing for each resource.
      expect(reads).toBeLessThan(30);
      expect(took).toBeLessThan(soon);
      expect(body.match(/class="resource"/g)).toHaveLength(100);
      expect(body).toContain('dev-099');
      expect(body).not.toContain('dev-100');
      const second = (await place.door.ask('GET', '/schedules?page=2')).body;
      expect(second).toContain('dev-100');
      expect(
        (await place.door.ask('GET', '/schedules?page=99&find=dev-15')).body.match(/class="resource"/g),
      ).toHaveLength(10);
    } finally {
      await place.close();
    }
  });

  it('says what to do where there is no file, and where nothing was seen yet', async () => {
    const place = await openScheduled({ managedResources: [] });
    const bare = openDoor(place.storage);
    try {
      expect((await place.door.ask('GET', '/schedules')).body).toContain('No resource is known yet');
      const page = await bare.ask('GET', '/schedules');
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain('NEPTUNE_OPS_SCHEDULES_FILE');
      for (const url of [
        'schedules',
        'schedules/x',
        'schedules/x/preview',
        'scheduled-resources',
        'keep-on',
        'savings',
      ]) {
        expect((await bare.ask('GET', `/v1/${url}`)).json(), url).toMatchObject({ code: 'no-schedules', status: 404 });
      }
      const put = await bare.ask('PUT', '/v1/schedules/x/pause', { payload: { reason: 'x' } });
      expect(put.json()).toMatchObject({ code: 'no-schedules' });
    } finally {
      await bare.close();
      await place.close();
    }
  });
});

describe.each(storageKinds())('schedules on $name', ({ name }) => {
  it('are answered the same', async () => {
    const place = await openScheduled({ kind: name });
    try {
      expect((await place.door.ask('GET', '/v1/schedules')).json()).toMatchObject({
        schedules: [{ resources: 3 }, {}, {}],
      });
      const kept = await place.door.ask('PUT', '/v1/keep-on', {
        payload: { resource: 'default/graph/g-0123456789', skipNextStop: true, reason: 'demo' },
      });
      expect(kept.statusCode).toBe(200);
      expect((await place.door.ask('GET', '/v1/savings')).json<SavingsAnswer>().rows).toHaveLength(4);
    } finally {
      await place.close();
    }
  });
});
