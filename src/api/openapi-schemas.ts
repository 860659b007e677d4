// The shapes of answers, for the OpenAPI document.
import { errorTable } from '../errors.ts';
import type { DryRunAnswer } from '../queue/dry-run.ts';
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

const texts = { type: 'array', items: text };
const operationFields = {
  name: text,
  summary: text,
  kind: { enum: ['watch', 'converge', 'launch'] },
  api: text,
  destructive: { enum: ['no', 'interrupts', 'erases'] },
  deadlineSeconds: { type: 'number' },
  actions: { ...texts, description: 'The IAM actions it takes.' },
  states: { type: 'object' },
  input: { type: 'object', description: 'JSON Schema of the input.' },
  example: { type: 'object' },
  links: { type: 'object', additionalProperties: text },
};
export const operationSchema = {
  type: 'object',
  required: Object.keys(operationFields),
  properties: operationFields,
};

/** What `?dry-run=true` answers. */
const dryRunFields = {
  operation: text,
  target: text,
  resource: text,
  status: { type: 'string', description: 'AWS’s word for the present state.' },
  verdict: { type: 'string', description: 'What that means to the operation.' },
  wouldCall: { ...texts, description: 'The changing calls that a job would make now, as IAM actions.' },
  whyNot: { ...orNull(text), description: 'Why nothing would be asked of AWS now.' },
  actions: { ...texts, description: 'Every IAM action that the operation takes.' },
} satisfies Record<keyof DryRunAnswer, Json>;
export const dryRunSchema = { type: 'object', required: Object.keys(dryRunFields), properties: dryRunFields };

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
