// The OpenAPI document's part about schedules: paths and answers.
import { endQuery, keepOnBody } from '../schedules/keep-on-routes.ts';
import { instantSchema, orNull, ref, textSchema, type JsonSchema } from './openapi-schemas.ts';
import { answers, body, problems, queryParameters } from './openapi-parts.ts';
import { savingsQuery } from '../schedules/savings-routes.ts';
import { previewQuery } from '../schedules/schedule-preview.ts';
import { pauseBody, resourcesQuery } from '../schedules/schedule-routes.ts';

export function schedulePaths(): JsonSchema {
  const name = { name: 'name', in: 'path', required: true, schema: textSchema };
  const one = (operationId: string, tag: string, summary: string, schema: JsonSchema, more: JsonSchema = {}) => ({
    operationId,
    tags: [tag],
    summary,
    responses: { 200: answers('As asked', schema), ...problems },
    ...more,
  });
  const gone = (operationId: string, summary: string, more: JsonSchema = {}) => ({
    operationId,
    tags: ['schedules'],
    summary,
    responses: { 204: { description: 'It is over' }, ...problems },
    ...more,
  });
  const csv = { 'text/csv': { schema: textSchema } };
  return {
    '/v1/schedules': {
      get: one('list-schedules', 'schedules', 'All schedules, with their problems.', ref('Schedules')),
    },
    '/v1/schedules/{name}': {
      parameters: [name],
      get: one('get-schedule', 'schedules', 'A schedule with the resources it decides about.', {
        allOf: [ref('Schedule'), { type: 'object', properties: { resourceList: list('ScheduledResource') } }],
      }),
    },
    '/v1/schedules/{name}/preview': {
      parameters: [name],
      get: one(
        'preview-schedule',
        'schedules',
        'When its resources will run and stop, or it will fire.',
        ref('Preview'),
        {
          parameters: queryParameters(previewQuery),
        },
      ),
    },
    '/v1/schedules/{name}/pause': {
      parameters: [name],
      put: one('pause-schedule', 'schedules', 'Leave a schedule’s resources as they are.', ref('Pause'), {
        requestBody: body(pauseBody, { reason: 'release weekend', until: '2026-12-14T06:00:00Z' }),
      }),
      delete: gone('resume-schedule', 'Resume a paused schedule.'),
    },
    '/v1/scheduled-resources': {
      get: one(
        'list-scheduled-resources',
        'schedules',
        'Resources under schedules: actual and desired state, and why.',
        { type: 'object', properties: { at: instantSchema, resources: list('ScheduledResource') } },
        { parameters: queryParameters(resourcesQuery) },
      ),
    },
    '/v1/keep-on': {
      get: one('list-keep-on', 'schedules', 'The resources that are kept on.', {
        type: 'object',
        properties: { keepOns: list('KeepOn') },
      }),
      put: one('keep-on', 'schedules', 'Keep a resource on, against its schedule.', ref('KeepOn'), {
        requestBody: body(keepOnBody, {
          resource: 'default/db-cluster/dev-1',
          until: '2026-12-12T22:00:00Z',
          reason: 'load test',
        }),
      }),
      delete: gone('end-keep-on', 'End a keep-on early.', { parameters: queryParameters(endQuery) }),
    },
    '/v1/savings': {
      get: {
        ...one('get-savings', 'schedules', 'Savings, by resource and day.', {}),
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
        summary: 'The page about all schedules.',
        responses: { 200: { description: 'The page', content: { 'text/html': { schema: textSchema } } }, ...problems },
      },
    },
  };
}

const number = { type: 'number' };
const texts = { type: 'array', items: textSchema };
const list = (name: string): JsonSchema => ({ type: 'array', items: ref(name) });
const object = (properties: Record<string, JsonSchema>): JsonSchema => ({
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
const moment = object({ at: instantSchema, local: textSchema });

export const scheduleSchemas: Record<string, JsonSchema> = {
  Schedules: object({
    file: object({ loadedAt: instantSchema, findings: list('Finding'), broken: orNull(list('Finding')) }),
    at: instantSchema,
    lookedAt: orNull(instantSchema),
    schedules: list('Schedule'),
    troubles: texts,
  }),
  Finding: object({
    level: { enum: ['error', 'warning'] },
    line: number,
    column: number,
    path: textSchema,
    message: textSchema,
  }),
  Schedule: object({
    name: textSchema,
    kind: { enum: ['running', 'cron'] },
    description: orNull(textSchema),
    timeZone: textSchema,
    says: textSchema,
    policy: orNull({ enum: ['enforce', 'respect-manual'] }),
    priority: orNull(number),
    applies: orNull(texts),
    resources: { type: 'integer' },
    next: orNull(object({ at: instantSchema, running: orNull({ type: 'boolean' }) })),
    pause: orNull(ref('Pause')),
    troubles: texts,
    links: { type: 'object', additionalProperties: textSchema },
  }),
  ScheduledResource: object({
    resource: textSchema,
    target: textSchema,
    kind: { enum: ['db-cluster', 'graph'] },
    id: textSchema,
    name: textSchema,
    schedule: orNull(textSchema),
    status: textSchema,
    condition: { enum: ['running', 'starting', 'stopping', 'stopped', 'changing', 'recoverable', 'lost', 'gone'] },
    should: { enum: ['running', 'stopped', 'left'] },
    why: textSchema,
    doing: orNull(textSchema),
    job: orNull(textSchema),
    next: orNull(object({ at: instantSchema, running: { type: 'boolean' } })),
    keepOn: orNull(ref('KeepOn')),
    restartsAt: orNull(instantSchema),
  }),
  Pause: object({
    schedule: textSchema,
    since: instantSchema,
    until: orNull(instantSchema),
    by: textSchema,
    reason: textSchema,
  }),
  KeepOn: object({
    resource: textSchema,
    since: instantSchema,
    from: instantSchema,
    until: instantSchema,
    by: textSchema,
    reason: textSchema,
  }),
  Preview: object({
    schedule: textSchema,
    timeZone: textSchema,
    from: instantSchema,
    to: instantSchema,
    spans: orNull({ type: 'array', items: object({ from: moment, to: moment, running: { type: 'boolean' } }) }),
    fires: orNull({ type: 'array', items: moment }),
    more: { type: 'boolean' },
  }),
  Savings: object({
    from: instantSchema,
    to: instantSchema,
    currency: orNull(textSchema),
    rows: { type: 'array', items: object({ resource: textSchema, name: textSchema, schedule: textSchema, ...saved }) },
    total: object(saved),
    days: { type: 'array', items: object({ date: textSchema, ...saved }) },
  }),
};
