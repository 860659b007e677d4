// The OpenAPI 3.1 document, made from the declarations and schemas that the routes use for validation.
import { operationNames } from '../../handlers/index.ts';
import { holdBody } from '../jobs/hold-routes.ts';
import { enqueuePaths, jobPaths } from './openapi-jobs.ts';
import {
  type JsonSchema,
  dryRunSchema,
  holdSchema,
  jobSchema,
  operationSchema,
  outcomeSchema,
  problemSchema,
  ref,
  textSchema,
} from './openapi-schemas.ts';
import { schedulePaths, scheduleSchemas } from './openapi-schedules.ts';
import { answers, body, problems, refused } from './openapi-parts.ts';

/** `basePath`: the path that callers find the service under, if any. */
export function openApiDocument(version: string, basePath = ''): JsonSchema {
  return {
    openapi: '3.1.0',
    info: {
      title: 'neptune-ops',
      version,
      description: 'Enqueue operations on Amazon Neptune, follow them and cancel them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: basePath || '/' }],
    security: [{ key: [] }],
    tags: [
      { name: 'operations' },
      { name: 'jobs' },
      { name: 'hold' },
      { name: 'schedules' },
      { name: 'health' },
      { name: 'metrics' },
    ],
    paths: { ...enqueuePaths(), ...jobPaths(), ...schedulePaths(), ...otherPaths() },
    components: {
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key. Without configured keys none is needed, on loopback only.',
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

function otherPaths(): JsonSchema {
  const object = { type: 'object' };
  const plain = (operationId: string, tag: string, summary: string, schema: JsonSchema = object) => ({
    operationId,
    tags: [tag],
    summary,
    responses: { 200: answers('As asked', schema), ...problems },
  });
  const target = { name: 'target', in: 'query', schema: { ...textSchema, default: 'all' } };
  return {
    '/v1/operations': {
      get: plain('list-operations', 'operations', 'All operations, with the schema and an example of each input.', {
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
        requestBody: body(holdBody, { target: 'all', reason: 'incident 42' }),
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
      get: { ...plain('readyz', 'health', 'Whether the service can work; 503 and the reasons, if not.'), security: [] },
    },
    '/metrics': {
      get: {
        operationId: 'metrics',
        tags: ['metrics'],
        summary: 'Metrics for Prometheus, of all targets. Needs only the scope `metrics`.',
        responses: {
          200: { description: 'Prometheus’ text format', content: { 'text/plain': { schema: textSchema } } },
          401: { ...refused, description: 'No valid key' },
          403: { ...refused, description: 'A key without the scope `metrics`' },
          404: { ...refused, description: 'The service runs with `NEPTUNE_OPS_METRICS=off`' },
          ...problems,
        },
      },
    },
  };
}
