// Says in plain words what is wrong with a field, for every schema rule without a message of its own.
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

/**
 * Passed to each parse as `{ error: formatIssue }`. Set globally, it would change the messages of a client's own
 * schemas.
 */
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
