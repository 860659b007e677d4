// How the service says no to a person: one table of stable codes.
import { describe, expect, it } from 'vitest';
import { ServiceError, boundProblems, errorTable } from '../src/errors.ts';

describe('the table of errors', () => {
  it.each(Object.entries(errorTable))(
    'has a kebab-case code, a status and a title for %s',
    (code, { status, title }) => {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
    },
  );

  it('has a different title for each code', () => {
    const titles = Object.values(errorTable).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('gives an error its status', () => {
    const error = new ServiceError('resource-busy', 'Wait.', { holder: 'job-1' });
    expect(error).toMatchObject({ code: 'resource-busy', status: 409, message: 'Wait.', details: { holder: 'job-1' } });
    expect(error).toBeInstanceOf(Error);
  });

  it.each(['constructor', '__proto__', '', 'cluster-not-found'])('does not have %s', (code) => {
    expect(Object.hasOwn(errorTable, code)).toBe(false);
  });
});

describe('what is wrong with a request', () => {
  it('is told of the first fields, with how many more there are, and without repeating what is long', () => {
    const problems = (count: number) => Array.from({ length: count }, (_, index) => ({ path: `f${index}`, rule: 'x' }));
    expect(boundProblems(problems(2))).toEqual({ errors: problems(2), fields: 'f0, f1' });
    const { errors, fields } = boundProblems(problems(5_000));
    expect(errors).toEqual(problems(20));
    expect(fields).toMatch(/, f19 and 4980 more$/);
    const [long] = boundProblems([{ path: 'x'.repeat(5_000), rule: 'x' }]).errors;
    expect(long?.path).toBe(`${'x'.repeat(100)}…`);
  });
});
