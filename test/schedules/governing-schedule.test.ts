// Which schedule decides about a resource.
import { expect, it } from 'vitest';
import { appliesTo, governing, needsTags } from '../../src/schedules/governing-schedule.ts';
import { office, selection, managed } from './sleeping.ts';

const named = (name: string, priority: number, ...applies: string[]) => office(applies, { name, priority });

it('is the one with the highest priority of those that apply', () => {
  const found = governing([named('a', 0, 'dev-*'), named('b', 5, '*'), named('c', 9, 'prod-*')], managed());
  expect(found.schedule?.name).toBe('b');
  expect(governing([named('c', 9, 'prod-*')], managed())).toEqual({ schedule: undefined, contradiction: [] });
});

it('is none where equal ones apply, unless a higher one does', () => {
  const equal = [named('a', 1, 'dev-*'), named('b', 1, 'dev-1'), named('c', 0, '*')];
  expect(governing(equal, managed())).toEqual({ schedule: undefined, contradiction: ['a', 'b'] });
  expect(governing([...equal, named('d', 2, '*')], managed()).schedule?.name).toBe('d');
});

it('is not contradicted by itself, when two of its entries mean a resource', () => {
  expect(governing([named('a', 0, 'dev-1', 'dev-*')], managed()).schedule?.name).toBe('a');
});

it.each([
  ['dev-*', managed(), true],
  ['dev-1', managed(), true],
  ['*-1', managed(), true],
  ['d*v*1', managed(), true],
  ['dev', managed(), false],
  ['ev-1', managed(), false],
  ['dev.1', managed(), false],
  ['dev.*', managed(), false],
  ['dev-*', managed({ target: 'other' }), false],
  ['dev-*', managed({ kind: 'graph' }), false],
  ['web=yes', managed({ tags: { web: 'yes' } }), true],
  ['web=yes', managed({ tags: { web: 'no' } }), false],
  ['web=yes', managed(), false],
  ['constructor=x', managed({ tags: {} }), false],
] as const)('%s means what it says', (text, resource, does) => {
  expect(appliesTo(office([text]), resource)).toBe(does);
});

it('knows a graph by its name as well as by its id', () => {
  const graph = managed({ kind: 'graph', id: 'g-0123456789', name: 'Catalogue' });
  expect(appliesTo({ applies: [selection('cat*', 'graph')] }, graph)).toBe(true);
  expect(appliesTo({ applies: [selection('g-012*', 'graph')] }, graph)).toBe(true);
});

it('needs tags only where a schedule asks for one', () => {
  const schedules = [office(['web=yes', 'g-*'])];
  expect(needsTags(schedules, 'default', 'db-cluster')).toBe(true);
  expect(needsTags(schedules, 'default', 'graph')).toBe(false);
  expect(needsTags(schedules, 'other', 'db-cluster')).toBe(false);
});
