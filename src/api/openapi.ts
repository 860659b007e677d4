// The OpenAPI 3.1 document, made from the same declarations and schemas that the routes check by.
import { z } from 'zod';
import { operationNames, operations } from '../handlers/index.ts';
import type { Operation } from '../operation.ts';
import { holdBody } from './hold-routes.ts';
import { endQuery, keepOnBody } from './keep-on-routes.ts';
import { listQuery } from './job-routes.ts';
import {
  type Json,
  dryRunSchema,
  holdSchema,
  jobSchema,
  operationSchema,
  orNull,
  outcomeSchema,
  problemSchema,
  ref,
  text,
} from './openapi-schemas.ts';
import { type Words, schedulePaths, scheduleSchemas } from './openapi-schedules.ts';
import { enqueueQuery } from './operation-routes.ts';
import { savingsQuery } from './savings-routes.ts';
import { previewQuery } from './schedule-preview.ts';
import { pauseBody, resourcesQuery } from './schedule-routes.ts';

const answers = (description: string, schema: Json, headers?: Json) => ({
  description,
  ...(headers ? { headers } : {}),
  content: { 'application/json': { schema } },
});
const refused = {
  description: 'Refused',
  content: { 'application/problem+json': { schema: ref('Problem') } },
};
const problems = { default: refused };

const bodies = { pause: pauseBody, keepOn: keepOnBody };
const queries = { preview: previewQuery, resources: resourcesQuery, savings: savingsQuery, endKeepOn: endQuery };
const words: Words = {
  answers,
  problems,
  body: (name, example) => ({
    required: true,
    content: { 'application/json': { schema: schemaOf(bodies[name]), example } },
  }),
  parameters: (name) => queryParameters(queries[name]),
};

export function openApiDocument(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'neptune-ops',
      version,
      description: 'Enqueue operations on Amazon Neptune, follow them and cancel them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    tags: [
      { name: 'operations' },
      { name: 'jobs' },
      { name: 'hold' },
      { name: 'schedules' },
      { name: 'health' },
      { name: 'metrics' },
    ],
    paths: { ...enqueuePaths(), ...jobPaths(), ...schedulePaths(words), ...otherPaths() },
    components: {
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key. Not asked for where none is configured, on loopback only.',
        },
      },
      schemas: {
        Job: jobSchema,
        Outcome: outcomeSchema,
        Problem: problemSchema,
        Hold: holdSchema,
        Operation: operationSchema,
        DryRun: dryRunSchema,
        ...scheduleSchemas,
      },
    },
  };
}

/** A path for each operation, so that each has its own input and example. */
function enqueuePaths(): Json {
  const all = Object.values(operations) as unknown as Operation[];
  return Object.fromEntries(
    all.map((operation) => [
      `/v1/operations/${operation.name}`,
      {
        post: {
          operationId: operation.name,
          tags: ['operations'],
          summary: operation.summary,
          parameters: [
            ...queryParameters(enqueueQuery),
            {
              name: 'Idempotency-Key',
              in: 'header',
              description: 'The same key and request give the same job for as long as it is kept.',
              schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
            },
          ],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: inputSchema(operation), example: operation.example } },
          },
          responses: {
            202: answers('Accepted', ref('Job'), { Location: { description: 'The job', schema: text } }),
            200: answers('An equal request is running, the key is known, or this was a dry run', {
              anyOf: [ref('Job'), ref('DryRun')],
            }),
            ...problems,
          },
        },
      },
    ]),
  );
}

function jobPaths(): Json {
  const id = { name: 'id', in: 'path', required: true, schema: text };
  const prefer = {
    name: 'Prefer',
    in: 'header',
    description: 'wait=N: answer when the job has ended, or after N seconds (at most 60).',
    schema: text,
  };
  const lastId = { name: 'Last-Event-ID', in: 'header', description: 'Go on behind this change.', schema: text };
  const job = (operationId: string, summary: string, more: Json = {}, status = 200) => ({
    operationId,
    tags: ['jobs'],
    summary,
    responses: { [status]: answers('The job', ref('Job')), ...problems },
    ...more,
  });
  const list = {
    type: 'object',
    properties: { jobs: { type: 'array', items: ref('Job') }, nextCursor: orNull(text) },
    required: ['jobs', 'nextCursor'],
  };
  return {
    '/v1/jobs': {
      get: {
        operationId: 'list-jobs',
        tags: ['jobs'],
        summary: 'Jobs, newest first; a page may be short while nextCursor is not null.',
        parameters: queryParameters(listQuery),
        responses: { 200: answers('A page', list), ...problems },
      },
    },
    '/v1/jobs/{id}': {
      parameters: [id],
      get: job('get-job', 'One job.', { parameters: [prefer] }),
      delete: job('cancel-job', 'Ask for a job to be cancelled.', {}, 202),
    },
    '/v1/jobs/{id}/events': {
      parameters: [id],
      get: {
        operationId: 'stream-job',
        tags: ['jobs'],
        summary: 'The changes of a job as server-sent events, until it has ended.',
        parameters: [lastId],
        responses: {
          200: { description: 'A stream', content: { 'text/event-stream': { schema: text } } },
          204: { description: 'The job has ended, and all was told' },
          ...problems,
        },
      },
    },
    '/v1/jobs/{id}/event': {
      parameters: [id],
      post: job('send-event-again', 'Send a completion event again that SQS had refused.', {}, 202),
    },
  };
}

function otherPaths(): Json {
  const object = { type: 'object' };
  const plain = (operationId: string, tag: string, summary: string, schema: Json = object) => ({
    operationId,
    tags: [tag],
    summary,
    responses: { 200: answers('As asked', schema), ...problems },
  });
  const target = { name: 'target', in: 'query', schema: { ...text, default: 'all' } };
  return {
    '/v1/operations': {
      get: plain('list-operations', 'operations', 'What exists, with each input’s schema and an example.', {
        type: 'object',
        required: ['operations'],
        properties: { operations: { type: 'array', items: ref('Operation') } },
      }),
    },
    '/v1/operations/{operation}': {
      parameters: [{ name: 'operation', in: 'path', required: true, schema: { enum: operationNames } }],
      get: plain('get-operation', 'operations', 'One operation, as in the list of all.', ref('Operation')),
    },
    '/v1/hold': {
      get: plain('list-holds', 'hold', 'The holds that are on.', {
        type: 'object',
        properties: { holds: { type: 'array', items: ref('Hold') } },
      }),
      put: {
        ...plain('hold', 'hold', 'Put a hold on: no changing call starts.', ref('Hold')),
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: schemaOf(holdBody), example: { target: 'all', reason: 'incident 42' } },
          },
        },
      },
      delete: {
        operationId: 'release',
        tags: ['hold'],
        summary: 'Take a hold off.',
        parameters: [target],
        responses: { 204: { description: 'It is off' }, ...problems },
      },
    },
    '/healthz': { get: { ...plain('healthz', 'health', 'The process lives.'), security: [] } },
    '/readyz': {
      get: { ...plain('readyz', 'health', 'The service can do its work; 503 and why, if not.'), security: [] },
    },
    '/metrics': {
      get: {
        operationId: 'metrics',
        tags: ['metrics'],
        summary: 'Figures for Prometheus, of all targets. The scope `metrics` is needed, and is enough.',
        responses: {
          200: { description: 'Prometheus’ text format', content: { 'text/plain': { schema: text } } },
          401: { ...refused, description: 'No valid key' },
          403: { ...refused, description: 'A key without the scope `metrics`' },
          404: { ...refused, description: 'The service runs with `NEPTUNE_OPS_METRICS=off`' },
          ...problems,
        },
      },
    },
  };
}

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

function inputSchema(operation: Operation): Json {
  return { title: operation.name, ...schemaOf(operation.input) };
}

function queryParameters(schema: z.ZodObject): Json[] {
  const { properties = {} } = schemaOf(schema) as { properties?: Record<string, Json> };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: 'query',
    ...(description ? { description } : {}),
    schema: rest,
  }));
}
