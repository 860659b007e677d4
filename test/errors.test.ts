// How the service says no to a person: one table of stable codes.
import { describe, expect, it } from 'vitest';
import { ServiceError, errorTable } from '../src/errors.ts';

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
