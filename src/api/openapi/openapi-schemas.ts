// The schemas of answers in the OpenAPI document.
import { errorTable } from '../../errors.ts';
import type { DryRunAnswer } from '../../queue/dry-run.ts';
import { jobStates } from '../../records/job.ts';

export type JsonSchema = Record<string, unknown>;

export const textSchema = { type: 'string' };
export const instantSchema = { type: 'string', format: 'date-time' };
export const orNull = (schema: JsonSchema) => ({ anyOf: [schema, { type: 'null' }] });
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

export const outcomeSchema = {
  type: 'object',
  required: ['state', 'changed'],
  properties: {
    state: { enum: jobStates.slice(3) },
    changed: { enum: [true, false, 'unknown'] },
    status: textSchema,
    code: textSchema,
    reason: textSchema,
    requestId: textSchema,
    result: { type: 'object' },
  },
};

const texts = { type: 'array', items: textSchema };
const operationFields = {
  name: textSchema,
  summary: textSchema,
  kind: { enum: ['watch', 'converge', 'launch'] },
  api: textSchema,
  destructive: { enum: ['no', 'interrupts', 'erases'] },
  deadlineSeconds: { type: 'number' },
  actions: { ...texts, description: 'The IAM actions it takes.' },
  states: { type: 'object' },
  input: { type: 'object', description: 'JSON Schema of the input.' },
  example: { type: 'object' },
  links: { type: 'object', additionalProperties: textSchema },
};
export const operationSchema = {
  type: 'object',
  required: Object.keys(operationFields),
  properties: operationFields,
};

/** The answer to `?dry-run=true`. */
const dryRunFields = {
  operation: textSchema,
  target: textSchema,
  resource: textSchema,
  status: { type: 'string', description: 'The status that AWS reports now.' },
  verdict: { type: 'string', description: 'What the status means for the operation.' },
  wouldCall: { ...texts, description: 'The changing calls that a job would make now, as IAM actions.' },
  whyNot: { ...orNull(textSchema), description: 'Why a job would make no changing call now.' },
  actions: { ...texts, description: 'Every IAM action that the operation needs.' },
} satisfies Record<keyof DryRunAnswer, JsonSchema>;
export const dryRunSchema = { type: 'object', required: Object.keys(dryRunFields), properties: dryRunFields };

export const jobSchema = {
  type: 'object',
  required: [
    'id',
    'operation',
    'target',
    'resource',
    'input',
    'by',
    'state',
    'event',
    'progress',
    'outcome',
    'createdAt',
    'polls',
    'links',
  ],
  properties: {
    id: textSchema,
    operation: textSchema,
    target: textSchema,
    resource: textSchema,
    input: { type: 'object' },
    by: {
      ...orNull(textSchema),
      description:
        'Who asked first: `key:<id>`, `session:<key id>`, `schedule:<name>`, `loopback` or `store`; null of jobs older than this field.',
    },
    retryOf: { type: 'string', description: 'The job that this one repeats; absent if it repeats none.' },
    state: { enum: jobStates },
    event: { enum: ['pending', 'sent', 'refused', 'off', null] },
    progress: orNull({ type: 'object' }),
    outcome: orNull(ref('Outcome')),
    status: orNull(textSchema),
    reason: orNull(textSchema),
    createdAt: instantSchema,
    startedAt: orNull(instantSchema),
    finishedAt: orNull(instantSchema),
    deadline: instantSchema,
    polls: { type: 'integer' },
    links: { type: 'object', additionalProperties: textSchema },
  },
};

export const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: textSchema,
    title: textSchema,
    status: { type: 'integer' },
    code: { enum: Object.keys(errorTable) },
    detail: textSchema,
    errors: {
      type: 'array',
      items: { type: 'object', properties: { path: textSchema, rule: textSchema, example: {} } },
    },
    holder: { type: 'string', description: 'The job that has the turn.' },
  },
};

export const holdSchema = {
  type: 'object',
  properties: { target: textSchema, since: instantSchema, by: textSchema, reason: textSchema },
};
