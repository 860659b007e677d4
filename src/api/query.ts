// A request's query, or a small body, checked like every other input: all offending fields at once.
import type { z } from 'zod';
import { ServiceError } from '../errors.ts';

/** The query by its schema, or a `ServiceError` naming every field that is not right. */
export function readQuery<Query>(schema: z.ZodType<Query>, given: unknown, what: 'query' | 'body' = 'query'): Query {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: key, rule: 'there is no such field' }))
      : [{ path: issue.path.join('.'), rule: issue.message }],
  );
  throw new ServiceError('invalid-request', `The ${what} is not right: ${errors.map(({ path }) => path).join(', ')}.`, {
    errors,
  });
}
