// What whoever fills in a field is told of it: never the schema library's own words.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { holdBody } from '../src/api/jobs/hold-routes.ts';
import { listQuery } from '../src/api/jobs/job-routes.ts';
import { endQuery, keepOnBody } from '../src/api/schedules/keep-on-routes.ts';
import { enqueueQuery } from '../src/api/jobs/operation-routes.ts';
import { savingsQuery } from '../src/api/schedules/savings-routes.ts';
import { previewQuery } from '../src/api/schedules/schedule-preview.ts';
import { pauseBody, resourcesQuery } from '../src/api/schedules/schedule-routes.ts';
import { operations } from '../src/handlers/index.ts';
import { formatIssue } from '../src/format-issue.ts';

const inputs = Object.values(operations).map(({ name, input }) => [name, input as unknown as z.ZodObject] as const);
const others = { holdBody, listQuery, endQuery, keepOnBody, enqueueQuery, savingsQuery, previewQuery, pauseBody };
const schemas: readonly (readonly [string, z.ZodObject])[] = [
  ...inputs,
  ...Object.entries({ ...others, resourcesQuery }),
];
const long = 'x'.repeat(600);
const odd = [undefined, null, 1, 1.5, -1, true, '', long, '\n', [], ['a'], {}, { a: 1 }, { '': 'x' }, { [long]: 'x' }];

/** What is said of a value that does not fit. */
function said(schema: z.ZodType, value: unknown): string[] {
  return schema.safeParse(value, { error: formatIssue }).error?.issues.map(({ message }) => message) ?? [];
}

describe('the rule of a field', () => {
  it.each(schemas)('of %s is in plain words, whatever is wrong', (_name, schema) => {
    const fields = Object.keys(schema.shape);
    const messages = [
      ...odd.flatMap((value) => said(schema, value)),
      ...fields.flatMap((field) => odd.flatMap((value) => said(schema, { [field]: value }))),
    ];
    expect(messages.length).toBeGreaterThan(10);
    for (const message of messages) {
      expect(message).not.toMatch(/invalid|expected|received|undefined|NaN|unrecognized|too (big|small)|record|[<>]/i);
    }
  });

  it.each([
    [z.string(), undefined, 'is missing: text is needed'],
    [z.string(), 1, 'should be text, not a number'],
    [z.string(), null, 'should be text, not null'],
    [z.string(), ['a'], 'should be text, not a list'],
    [z.string(), {}, 'should be text, not an object'],
    [z.number(), 'one', 'should be a number, not text'],
    [z.int(), 1.5, 'should be a whole number, not a number'],
    [z.boolean(), 'yes', 'should be true or false, not text'],
    [z.record(z.string(), z.string()), true, 'should be an object, not true'],
    [z.array(z.string()), undefined, 'is missing: a list is needed'],
    [z.array(z.string()).min(1), [], 'at least 1 entries'],
    [z.enum(['a', 'b']), 'c', 'one of a, b'],
    [z.string().max(3), 'abcd', 'at most 3 characters'],
    [z.number().min(3), 1, 'at least 3'],
    [z.string('say why'), undefined, 'say why'],
    [z.record(z.string().max(1, 'a short key'), z.string()), { ab: '' }, 'a short key'],
    [z.strictObject({}), { a: 1 }, 'there is no such field'],
  ])('%# says %j: %s', (schema, value, message) => {
    expect(said(schema, value)).toEqual([message]);
  });

  it('of a client’s own schemas stays as the library says it', () => {
    expect(z.string().safeParse(1).error?.issues[0]?.message).toMatch(/^Invalid input/);
  });
});
