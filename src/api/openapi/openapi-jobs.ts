// The OpenAPI document's part about creating and reading jobs.
import { operations } from '../../handlers/index.ts';
import type { Operation } from '../../operation.ts';
import { listQuery } from '../jobs/job-routes.ts';
import { type JsonSchema, orNull, ref, textSchema } from './openapi-schemas.ts';
import { answers, problems, queryParameters, schemaOf } from './openapi-parts.ts';
import { enqueueQuery } from '../jobs/operation-routes.ts';

/** One path for each operation, so that each has its own input and example. */
export function enqueuePaths(): JsonSchema {
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
            202: answers('Accepted', ref('Job'), { Location: { description: 'The job', schema: textSchema } }),
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

export function jobPaths(): JsonSchema {
  const id = { name: 'id', in: 'path', required: true, schema: textSchema };
  const prefer = {
    name: 'Prefer',
    in: 'header',
    description: 'wait=N: answer when the job has ended, or after N seconds (at most 60).',
    schema: textSchema,
  };
  const lastId = { name: 'Last-Event-ID', in: 'header', description: 'Go on behind this change.', schema: textSchema };
  const job = (operationId: string, summary: string, more: JsonSchema = {}, status = 200) => ({
    operationId,
    tags: ['jobs'],
    summary,
    responses: { [status]: answers('The job', ref('Job')), ...problems },
    ...more,
  });
  const list = {
    type: 'object',
    properties: { jobs: { type: 'array', items: ref('Job') }, nextCursor: orNull(textSchema) },
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
      delete: job('cancel-job', 'Cancel a job.', {}, 202),
    },
    '/v1/jobs/{id}/events': {
      parameters: [id],
      get: {
        operationId: 'stream-job',
        tags: ['jobs'],
        summary: 'The changes of a job as server-sent events, until it has ended.',
        parameters: [lastId],
        responses: {
          200: { description: 'A stream', content: { 'text/event-stream': { schema: textSchema } } },
          204: { description: 'The job has ended, and the reader has seen everything' },
          ...problems,
        },
      },
    },
    '/v1/jobs/{id}/event': {
      parameters: [id],
      post: job('send-event-again', 'Send a completion event again that SQS refused.', {}, 202),
    },
  };
}

function inputSchema(operation: Operation): JsonSchema {
  return { title: operation.name, ...schemaOf(operation.input) };
}
