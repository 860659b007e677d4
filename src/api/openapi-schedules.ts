// The schedules' part of the OpenAPI document: paths and the shapes of their answers.
import { endQuery, keepOnBody } from './keep-on-routes.ts';
import { instant, orNull, ref, text, type Json } from './openapi-schemas.ts';
import { answers, body, problems, queryParameters } from './openapi-words.ts';
import { savingsQuery } from './savings-routes.ts';
import { previewQuery } from './schedule-preview.ts';
import { pauseBody, resourcesQuery } from './schedule-routes.ts';

export function schedulePaths(): Json {
  const name = { name: 'name', in: 'path', required: true, schema: text };
  const one = (operationId: string, tag: string, summary: string, schema: Json, more: Json = {}) => ({
    operationId,
    tags: [tag],
    summary,
    responses: { 200: answers('As asked', schema), ...problems },
    ...more,
  });
  const gone = (operationId: string, summary: string, more: Json = {}) => ({
    operationId,
    tags: ['schedules'],
    summary,
    responses: { 204: { description: 'It is over' }, ...problems },
    ...more,
  });
  const csv = { 'text/csv': { schema: text } };
  return {
    '/v1/schedules': {
      get: one('list-schedules', 'schedules', 'What is scheduled, and what is odd about it.', ref('Schedules')),
    },
    '/v1/schedules/{name}': {
      parameters: [name],
      get: one('get-schedule', 'schedules', 'A schedule with the resources it decides about.', {
        allOf: [ref('Schedule'), { type: 'object', properties: { resourceList: list('ScheduledResource') } }],
      }),
    },
    '/v1/schedules/{name}/preview': {
      parameters: [name],
      get: one('preview-schedule', 'schedules', 'When it will run and sleep, or fire.', ref('Preview'), {
        parameters: queryParameters(previewQuery),
      }),
    },
    '/v1/schedules/{name}/pause': {
      parameters: [name],
      put: one('pause-schedule', 'schedules', 'Leave a schedule’s resources as they are.', ref('Pause'), {
        requestBody: body(pauseBody, { reason: 'release weekend', until: '2026-12-14T06:00:00Z' }),
      }),
      delete: gone('resume-schedule', 'Let a paused schedule go on.'),
    },
    '/v1/scheduled-resources': {
      get: one(
        'list-scheduled-resources',
        'schedules',
        'Resources under schedules: what each is, should be, and why.',
        { type: 'object', properties: { at: instant, resources: list('ScheduledResource') } },
        { parameters: queryParameters(resourcesQuery) },
      ),
    },
    '/v1/keep-on': {
      get: one('list-keep-on', 'schedules', 'The resources that are kept on.', {
        type: 'object',
        properties: { keepOns: list('KeepOn') },
      }),
      put: one('keep-on', 'schedules', 'Keep a resource on, whatever its schedule says.', ref('KeepOn'), {
        requestBody: body(keepOnBody, {
          resource: 'default/db-cluster/dev-1',
          until: '2026-12-12T22:00:00Z',
          reason: 'load test',
        }),
      }),
      delete: gone('end-keep-on', 'Leave a resource to its schedule again.', { parameters: queryParameters(endQuery) }),
    },
    '/v1/savings': {
      get: {
        ...one('get-savings', 'schedules', 'What was saved, by resource and day.', {}),
        parameters: queryParameters(savingsQuery),
        responses: {
          200: { description: 'As asked', content: { 'application/json': { schema: ref('Savings') }, ...csv } },
          ...problems,
        },
      },
    },
    '/schedules': {
      get: {
        operationId: 'schedules-page',
        tags: ['schedules'],
        summary: 'All of it as a page for people.',
        responses: { 200: { description: 'The page', content: { 'text/html': { schema: text } } }, ...problems },
      },
    },
  };
}

const number = { type: 'number' };
const texts = { type: 'array', items: text };
const list = (name: string): Json => ({ type: 'array', items: ref(name) });
const object = (properties: Record<string, Json>): Json => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});

const saved = {
  asleepHours: number,
  awakeHours: number,
  movingHours: number,
  unknownHours: number,
  instanceHours: { type: 'object', additionalProperties: number },
  memoryHours: number,
  money: orNull(number),
  unknownPrices: texts,
};
const moment = object({ at: instant, local: text });

export const scheduleSchemas: Record<string, Json> = {
  Schedules: object({
    file: object({ loadedAt: instant, findings: list('Finding'), broken: orNull(list('Finding')) }),
    at: instant,
    lookedAt: orNull(instant),
    schedules: list('Schedule'),
    troubles: texts,
  }),
  Finding: object({ level: { enum: ['error', 'warning'] }, line: number, column: number, path: text, message: text }),
  Schedule: object({
    name: text,
    kind: { enum: ['running', 'cron'] },
    description: orNull(text),
    timeZone: text,
    says: text,
    policy: orNull({ enum: ['enforce', 'respect-manual'] }),
    priority: orNull(number),
    applies: orNull(texts),
    resources: { type: 'integer' },
    next: orNull(object({ at: instant, running: orNull({ type: 'boolean' }) })),
    pause: orNull(ref('Pause')),
    troubles: texts,
    links: { type: 'object', additionalProperties: text },
  }),
  ScheduledResource: object({
    resource: text,
    target: text,
    kind: { enum: ['db-cluster', 'graph'] },
    id: text,
    name: text,
    schedule: orNull(text),
    status: text,
    condition: { enum: ['running', 'starting', 'stopping', 'stopped', 'changing', 'lost', 'gone'] },
    should: { enum: ['running', 'stopped', 'left'] },
    why: text,
    doing: orNull(text),
    job: orNull(text),
    next: orNull(object({ at: instant, running: { type: 'boolean' } })),
    keepOn: orNull(ref('KeepOn')),
    restartsAt: orNull(instant),
  }),
  Pause: object({ schedule: text, since: instant, until: orNull(instant), by: text, reason: text }),
  KeepOn: object({ resource: text, since: instant, from: instant, until: instant, by: text, reason: text }),
  Preview: object({
    schedule: text,
    timeZone: text,
    from: instant,
    to: instant,
    spans: orNull({ type: 'array', items: object({ from: moment, to: moment, running: { type: 'boolean' } }) }),
    fires: orNull({ type: 'array', items: moment }),
    more: { type: 'boolean' },
  }),
  Savings: object({
    from: instant,
    to: instant,
    currency: orNull(text),
    rows: { type: 'array', items: object({ resource: text, name: text, schedule: text, ...saved }) },
    total: object(saved),
    days: { type: 'array', items: object({ date: text, ...saved }) },
  }),
};
