import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsAny, fitsPattern } from '../src/name-pattern.ts';

describe('a pattern', () => {
  it.each([
    ['*', 'anything', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['db-cluster/dev-*', 'db-cluster/dev-1', true],
    ['db-cluster/dev-*', 'db-cluster/prod-1', false],
    ['db-cluster/dev-*', 'xdb-cluster/dev-1', false],
    ['dev.1', 'devx1', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['ab*ba', 'aba', false],
    ['*a*b', 'xaxbxab', true],
    ['*a*b*', 'ba', false],
    ['a**b', 'ab', true],
    ['Dev-*', 'dev-1', false],
  ])('%j fits %j: %s', (pattern, name, expected) => {
    expect(fitsPattern(pattern, name)).toBe(expected);
  });

  it('is any of several, and none fits no name', () => {
    expect(fitsAny(['a', 'b*'], 'bc')).toBe(true);
    expect(fitsAny([], 'anything')).toBe(false);
  });

  it('means what the regular expression means that has .* for each star', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(word, name, (pattern, text) => {
        expect(fitsPattern(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('of very many stars is compared at once: as a regular expression it would take longer than anybody waits', () => {
    expect(fitsPattern(`${'*a'.repeat(100)}b`, 'a'.repeat(1_000))).toBe(false);
    expect(fitsPattern('*a'.repeat(100), 'a'.repeat(1_000))).toBe(true);
  });
});
