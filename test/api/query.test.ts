// No query is passed over in silence, wherever it is sent: what is asked without it may be something else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holds } from '../../src/queue/hold.ts';
import { type ScheduledPlace, openScheduled } from './schedules/scheduled.ts';

interface Problem {
  readonly code: string;
  readonly errors?: readonly { readonly path: string; readonly rule: string }[];
}

describe('a query that means nothing', () => {
  const routes: (readonly [method: string, url: string])[] = [];
  let place: ScheduledPlace;
  beforeAll(async () => {
    place = await openScheduled();
    place.door.server.addHook('onRoute', ({ method, url }) => {
      if (url.startsWith('/v1/')) routes.push(...[method].flat().map((each) => [each, url] as const));
    });
    await place.door.server.ready();
  });
  afterAll(() => place.close());

  const ask = async (method: string, url: string, payload?: object) => {
    const answer = await place.door.ask(method as 'GET', url, payload === undefined ? {} : { payload });
    return { status: answer.statusCode, problem: answer.body === '' ? undefined : answer.json<Problem>() };
  };

  it('is refused on every route of the API, and named', async () => {
    expect(routes.length).toBeGreaterThan(25);
    expect(routes).toContainEqual(['PUT', '/v1/hold']);
    for (const [method, url] of routes) {
      const path = url.replace(':operation', 'stop-db-cluster').replace(':name', 'office-hours').replace(':id', 'x');
      const { status, problem } = await ask(method, `${path}?colour=red`);
      expect(status, `${method} ${url}`).toBe(400);
      if (method === 'HEAD') continue;
      const colour = problem?.errors?.find((error) => error.path === 'colour');
      expect([problem?.code, colour?.rule], `${method} ${url}`).toEqual([
        'invalid-request',
        expect.stringContaining('there is no such parameter'),
      ]);
    }
  });

  it('changes nothing, and is told where it belongs', async () => {
    const ruleOf = async (method: string, url: string, payload?: object) =>
      (await ask(method, url, payload)).problem?.errors?.map(({ path, rule }) => `${path}: ${rule}`);
    expect(await ruleOf('PUT', '/v1/hold?target=default&x=1', { reason: 'x' })).toEqual([
      'target: belongs in the body; this request takes no parameters',
      'x: there is no such parameter; this request takes no parameters',
    ]);
    expect(await holds(place.storage.store)).toEqual([]);
    expect(await ruleOf('PUT', '/v1/schedules/office-hours/pause?until=now', { reason: 'x' })).toEqual([
      expect.stringContaining('until: belongs in the body'),
    ]);
    expect(await ruleOf('GET', '/v1/jobs/x/events?last-event-id=3')).toEqual([
      expect.stringContaining('last-event-id: belongs in a header'),
    ]);
    expect(await ruleOf('POST', '/v1/operations/stop-db-cluster?dbClusterIdentifier=dev-1', {})).toEqual([
      'dbClusterIdentifier: there is no such parameter; fields of the input belong in the body',
    ]);
    expect(await ruleOf('DELETE', '/v1/hold?reason=x')).toEqual([
      'reason: there is no such parameter; there are: target',
    ]);
  });

  it('leaves what is not there as it is: there is nothing', async () => {
    expect(await ask('GET', '/v1/nothing?colour=red')).toMatchObject({ status: 404 });
    expect(await ask('GET', '/healthz?colour=red')).toMatchObject({ status: 200 });
  });
});
