// The shapes of answers, for the OpenAPI document.
import { errorTable } from '../errors.ts';
import { jobStates } from '../records/job.ts';

export type Json = Record<string, unknown>;

export const text = { type: 'string' };
export const instant = { type: 'string', format: 'date-time' };
export const orNull = (schema: Json) => ({ anyOf: [schema, { type: 'null' }] });
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

export const outcomeSchema = {
  type: 'object',
  required: ['state', 'changed'],
  properties: {
    state: { enum: jobStates.slice(3) },
    changed: { enum: [true, false, 'unknown'] },
    status: text,
    code: text,
    reason: text,
    requestId: text,
    result: { type: 'object' },
  },
};

export const jobSchema = {
  type: 'object',
  required: [
    'id',
    'operation',
    'target',
    'resource',
    'input',
    'state',
    'event',
    'progress',
    'outcome',
    'createdAt',
    'polls',
    'links',
  ],
  properties: {
    id: text,
    operation: text,
    target: text,
    resource: text,
    input: { type: 'object' },
    retryOf: { type: 'string', description: 'The job that this one repeats; absent where it repeats none.' },
    state: { enum: jobStates },
    event: { enum: ['pending', 'sent', 'refused', 'off', null] },
    progress: orNull({ type: 'object' }),
    outcome: orNull(ref('Outcome')),
    status: orNull(text),
    reason: orNull(text),
    createdAt: instant,
    startedAt: orNull(instant),
    finishedAt: orNull(instant),
    deadline: instant,
    polls: { type: 'integer' },
    links: { type: 'object', additionalProperties: text },
  },
};

export const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' },
    code: { enum: Object.keys(errorTable) },
    detail: text,
    errors: { type: 'array', items: { type: 'object', properties: { path: text, rule: text, example: {} } } },
    holder: { type: 'string', description: 'The job that has the turn.' },
  },
};

export const holdSchema = { type: 'object', properties: { target: text, since: instant, by: text, reason: text } };
