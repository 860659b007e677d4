// Validates a query or a small body, and reports all wrong fields at once.
import type { z } from 'zod';
import { type FieldProblem, ServiceError, boundProblems } from '../errors.ts';
import { formatIssue } from '../format-issue.ts';

/** Parses the query by its schema. Throws a `ServiceError` that names every wrong field. */
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
  // Treats a missing body as an empty one, so that the error names the required fields.
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
