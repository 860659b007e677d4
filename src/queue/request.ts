// Validates a request without the store: its fields, and whether the operator allows it.
import type { z } from 'zod';
import type { Config } from '../config.ts';
import type { AskerLimits } from './asker-limits.ts';
import { type FieldProblem, ServiceError, boundProblems } from '../errors.ts';
import { operationNames, operationOf } from '../handlers/index.ts';
import type { JsonObject, Operation, Policy } from '../operation.ts';
import { formatIssue } from '../format-issue.ts';
import { holdsSecret } from '../redact.ts';

export interface EnqueueRequest {
  readonly operation: string;
  readonly input: unknown;
  readonly target?: string | undefined;
  /** Equal requests with the same key give the same job. `owner` separates the keys of different callers. */
  readonly idempotencyKey?: string | undefined;
  readonly owner?: string | undefined;
  /** Who asks, as the job's record says it. */
  readonly by?: string | undefined;
  /** What to do while another job has the resource's turn. Default: refuse. */
  readonly onBusy?: 'refuse' | 'wait' | undefined;
  /** The id of the ended job that this request repeats. */
  readonly retryOf?: string | undefined;
  /** ISO 8601. The job ends by then. Default: the operation's own. */
  readonly deadline?: string | undefined;
  /** Called once the request is valid, before anything is read or stored. Throws to refuse it. */
  readonly allow?: ((operation: Operation, target: string, resource: string) => void) | undefined;
}

export type RequestRules = Pick<Config, 'targets' | 'resettable'> &
  Partial<Pick<Config, 'resettableGraphs'> & AskerLimits>;

/** A request that is valid as far as can be known without the store. */
export interface Checked {
  readonly operation: Operation;
  readonly target: string;
  readonly input: JsonObject;
}

/** Throws `unknown-operation`. */
export function findOperation(name: string): Operation {
  const operation = operationOf(name) as Operation | undefined;
  if (operation !== undefined) return operation;
  const message = `There is no operation “${name}”. There are: ${operationNames.join(', ')}.`;
  throw new ServiceError('unknown-operation', message);
}

/** Checks everything that can be checked without the store. Throws a `ServiceError`. */
export function checkRequest(rules: RequestRules, request: EnqueueRequest): Checked {
  const operation = findOperation(request.operation);
  const target = request.target ?? 'default';
  if (!rules.targets.some(({ name }) => name === target)) {
    const message = `There is no target “${target}”. There are: ${rules.targets.map(({ name }) => name).join(', ')}.`;
    throw new ServiceError('unknown-target', message);
  }
  const key = request.idempotencyKey;
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new ServiceError(
      'invalid-request',
      'Idempotency-Key has 1 to 255 printable ASCII characters without spaces.',
    );
  }
  // Treats a missing input as an empty one, so that the error names the required fields.
  const missing = request.input === undefined;
  refuseVast(operation, request.input);
  const parsed = operation.input.safeParse(missing ? {} : request.input, { error: formatIssue });
  if (!parsed.success) throw invalidInput(operation, parsed.error.issues, missing);
  // The input is stored, announced and shown on the board.
  if (holdsSecret(JSON.stringify(parsed.data))) {
    throw new ServiceError(
      'invalid-request',
      'The input holds what looks like an API key or a password. Leave it out.',
    );
  }
  // Before the operator's rules: a caller who may not run the operation must not learn them.
  request.allow?.(operation, target, `${target}/${operation.resource(parsed.data)}`);
  const policy = policyOf(rules)(target);
  const refusal = operation.admit?.(parsed.data, policy);
  if (refusal) throw new ServiceError(refusal.code, refusal.reason);
  return { operation, target, input: parsed.data };
}

export function policyOf(rules: RequestRules): (target: string) => Policy {
  const { resettable, resettableGraphs = new Set() } = rules;
  return (target) => ({ target, resettable, resettableGraphs });
}

/** Entries inside the fields of an input, at most; of what is right only tags have any, fifty. */
const mostEntries = 500;

/** A schema looks at every entry, and tells of each at length: thousands of them would hold everybody up. */
function refuseVast({ name, example }: Operation, input: unknown): void {
  if (typeof input !== 'object' || input === null) return;
  for (const [field, value] of Object.entries(input)) {
    if (!Object.hasOwn(example, field) || countEntries(value) <= mostEntries) continue;
    const rule = `has more than ${mostEntries} entries`;
    const errors = [{ path: field, rule, example: example[field] }];
    throw new ServiceError('invalid-input', `The input of ${name} is not right: ${field}.`, { errors });
  }
}

/** Over all levels; it stops counting where there are too many. */
function countEntries(value: unknown): number {
  const open = [value];
  let count = 0;
  for (let next = open.pop(); next !== undefined && count <= mostEntries; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const parts: unknown[] = Object.values(next);
    count += parts.length;
    if (count <= mostEntries) open.push(...parts);
  }
  return count;
}

function invalidInput(operation: Operation, issues: readonly z.core.$ZodIssue[], missing: boolean): ServiceError {
  const { errors, fields } = boundProblems(issues.flatMap((issue) => problemsOf(operation, issue)));
  const message = missing
    ? `There is no input, and ${operation.name} needs ${fields}.`
    : `The input of ${operation.name} is not right: ${fields}.`;
  return new ServiceError('invalid-input', message, { errors });
}

function problemsOf({ example }: Operation, issue: z.core.$ZodIssue): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const rule = `unknown field; the fields are ${Object.keys(example).join(', ')}`;
    return issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), rule }));
  }
  const [field] = issue.path;
  const shown = typeof field === 'string' && Object.hasOwn(example, field) ? example[field] : example;
  return [{ path: issue.path.join('.') || '(the whole input)', rule: issue.message, example: shown }];
}

/** The job's deadline in milliseconds. Throws `invalid-request` for an invalid date or one in the past. */
export function deadlineOf(wished: string | undefined, at: number, operation: Operation): number {
  if (wished === undefined) return at + operation.timing.deadline;
  const deadline = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(wished)
    ? Date.parse(wished)
    : Number.NaN;
  const example = new Date(at + operation.timing.deadline).toISOString();
  if (!Number.isFinite(deadline)) {
    throw new ServiceError(
      'invalid-request',
      `deadline is a date and time with its zone, as ISO 8601 writes it. Example: ${example}`,
    );
  }
  if (deadline <= at) throw new ServiceError('invalid-request', `deadline has passed already. Example: ${example}`);
  if (deadline > at + 366 * 86_400_000)
    throw new ServiceError('invalid-request', `deadline is more than a year away. Example: ${example}`);
  return deadline;
}
