import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../src/api/openapi/openapi.ts';
import { operationNames, operationOf } from '../../../src/handlers/index.ts';
import { serviceMetrics } from '../../../src/metrics/service-metrics.ts';
import { type OpenStorage, storageKinds } from '../../support/storages.ts';
import { type TestDoor, doorConfig, openDoor } from '../server.ts';

interface Route {
  requestBody?: { content: { 'application/json': { example: unknown; schema: object } } };
  responses: Record<string, { content?: Record<string, unknown> }>;
}

interface Document {
  paths: Record<string, Record<string, Route>>;
}

describe('the OpenAPI document', () => {
  const document = openApiDocument('1.2.3') as unknown as Document;

  it('is valid by the specification’s own schema', async () => {
    const valid = await new Validator().validate(structuredClone(document) as never);
    expect(valid).toEqual({ valid: true });
    expect((await new Validator().validate({ ...structuredClone(document), paths: { x: 1 } } as never)).valid).toBe(
      false,
    );
  });

  it('says of a body all that is looked for in it', () => {
    const { schema } = document.paths['/v1/keep-on']?.['put']?.requestBody?.content['application/json'] ?? {};
    const fits = new Ajv2020({ validateFormats: false }).compile(schema ?? {});
    const [body, until] = [{ resource: 'default/db-cluster/dev-1', reason: 'x' }, '2026-12-12T22:00:00Z'];
    expect([fits({ ...body, until }), fits({ ...body, skipNextStop: true })]).toEqual([true, true]);
    expect([fits(body), fits({ ...body, until, skipNextStop: true })]).toEqual([false, false]);
  });

  it('has a path and an example for every operation, which its input takes', () => {
    for (const name of operationNames) {
      const example =
        document.paths[`/v1/operations/${name}`]?.['post']?.requestBody?.content['application/json'].example;
      expect(operationOf(name)?.input.safeParse(example).success, name).toBe(true);
    }
  });
});

describe('the door', () => {
  let place: OpenStorage;
  let door: TestDoor;
  beforeAll(async () => {
    place = await (storageKinds().at(-1) as ReturnType<typeof storageKinds>[number]).open();
    const metrics = serviceMetrics(doorConfig, 'api', place.storage);
    door = openDoor(place.storage, doorConfig, undefined, undefined, undefined, metrics);
    await door.server.ready();
  });
  afterAll(async () => {
    await door.close();
    await place.close();
  });

  it('has every route of the document, and no other', () => {
    const document = openApiDocument('1') as unknown as Document;
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => method !== 'parameters')
        .map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    for (const route of documented) {
      const [method = '', url = ''] = route.split(' ');
      const known = door.server.hasRoute({ method: method as never, url }) || url.startsWith('/v1/operations/');
      expect(known, route).toBe(true);
    }
    const routes = door.server.printRoutes({ commonPrefix: false });
    expect(routes).toContain('/v1/');
  });

  it('describes operations as the document says', async () => {
    const { components } = openApiDocument('1') as { components: { schemas: Record<string, object> } };
    const { operations } = (await door.ask('GET', '/v1/operations')).json<{ operations: object[] }>();
    const fits = new Ajv2020().compile({ ...components.schemas['Operation'], additionalProperties: false });
    for (const operation of operations) expect(fits(operation), JSON.stringify(fits.errors)).toBe(true);
    expect(operations).toHaveLength(operationNames.length);
  });

  it('answers at /metrics with what the document says', async () => {
    const { responses } = (openApiDocument('1') as unknown as Document).paths['/metrics']?.['get'] ?? {};
    const answer = await door.ask('GET', '/metrics');
    const [type = ''] = String(answer.headers['content-type']).split(';');
    expect(Object.keys(responses?.[answer.statusCode]?.content ?? {})).toEqual([type]);
    expect(Object.keys(responses ?? {})).toEqual(expect.arrayContaining(['401', '403']));
  });

  it('shows the documents without loading anything from elsewhere, under headers that forbid it', async () => {
    const page = await door.ask('GET', '/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(src|href)="https?:/);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect((await door.ask('GET', '/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' });
  });

  it('puts holds on and takes them off', async () => {
    expect((await door.ask('GET', '/v1/hold')).json()).toEqual({ holds: [] });
    const on = await door.ask('PUT', '/v1/hold', { payload: { target: 'prod', reason: 'incident 42' } });
    expect(on.json()).toMatchObject({ target: 'prod', reason: 'incident 42', by: 'anybody on loopback' });
    expect((await door.ask('GET', '/v1/hold')).json<{ holds: unknown[] }>().holds).toHaveLength(1);
    expect((await door.ask('PUT', '/v1/hold', { payload: { target: 'nowhere', reason: 'x' } })).json()).toMatchObject({
      code: 'unknown-target',
    });
    expect((await door.ask('PUT', '/v1/hold', { payload: {} })).json()).toMatchObject({ code: 'invalid-request' });
    // The embedded store would refuse the one, and a terminal that lists holds obey the other.
    for (const reason of ['a\u0000b', 'a\u001b[2Jb', 'a\nb', ' ']) {
      const odd = await door.ask('PUT', '/v1/hold', { payload: { reason } });
      expect(odd.json(), JSON.stringify(reason)).toMatchObject({ code: 'invalid-request' });
    }
    expect((await door.ask('DELETE', '/v1/hold?target=prod')).statusCode).toBe(204);
    expect((await door.ask('DELETE', '/v1/hold?target=prod')).json()).toMatchObject({ code: 'not-held' });
  });
});
