// What is wrong with a field, in words for whoever filled it in: for every rule of a schema that brings no words of its own.
import type { z } from 'zod';

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};
const units: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

/** Given to each parsing, `{ error: plainWords }`: set for all of zod, it would change what a client's own schemas say. */
export function formatIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const needed = nouns[issue.expected] ?? issue.expected;
      return issue.input === undefined
        ? `is missing: ${needed} is needed`
        : `should be ${needed}, not ${kindOf(issue.input)}`;
    }
    case 'invalid_value':
      return `one of ${issue.values.join(', ')}`;
    case 'too_small':
      return `at least ${issue.minimum}${units[issue.origin] ?? ''}`;
    case 'too_big':
      return `at most ${issue.maximum}${units[issue.origin] ?? ''}`;
    case 'invalid_key':
      return issue.issues.map(({ message }) => message).join('; ');
    case 'unrecognized_keys':
      return 'there is no such field';
    default:
      return undefined;
  }
}

function kindOf(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : (nouns[typeof value] ?? typeof value);
}
