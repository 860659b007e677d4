// A request's query, or a small body, checked like every other input: all offending fields at once.
import type { z } from 'zod';
import { type FieldProblem, ServiceError, boundProblems } from '../errors.ts';
import { formatIssue } from '../format-issue.ts';

/** The query by its schema, or a `ServiceError` naming every field that is not right. */
export function readQuery<Schema extends z.ZodObject>(
  schema: Schema,
  given: unknown,
  what: 'query' | 'body' = 'query',
): z.output<Schema> {
  const isQuery = what === 'query';
  const error = (issue: z.core.$ZodRawIssue) => {
    if (!isQuery) return formatIssue(issue);
    if (issue.code === 'unrecognized_keys') {
      return `there is no such parameter; there are: ${Object.keys(schema.shape).join(', ')}`;
    }
    return Array.isArray(issue.input) ? 'is given more than once' : formatIssue(issue);
  };
  // No body is an empty one: so what it should have is named.
  const parsed = schema.safeParse(given === undefined ? {} : given, { error });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: key, rule: issue.message }))
      : [{ path: issue.path.join('.') || `(the whole ${what})`, rule: issue.message }],
  );
  throw notRight(what, errors, given === undefined);
}

/** The refusal that names these fields. */
export function notRight(what: 'query' | 'body', problems: readonly FieldProblem[], missing = false): ServiceError {
  const { errors, fields } = boundProblems(problems);
  const message = missing ? `There is no ${what}, and it needs ${fields}.` : `The ${what} is not right: ${fields}.`;
  return new ServiceError('invalid-request', message, { errors });
}
