// What a file means that isn't there, told once for each entry of it.
import { expect, it } from 'vitest';
import { readPlan } from '../../../src/schedules/file/schedule-file.ts';
import { unmatchedSelectors } from '../../../src/schedules/report/unmatched-selectors.ts';
import type { ManagedResource } from '../../../src/schedules/managed-resource.ts';
import { managed } from '../sleeping.ts';

const there = managed({ tags: { team: 'web' } });
const door = { targets: [{ name: 'default' }, { name: 'prod' }] };

/** What is odd about an `applies` of these entries. */
function odd(entries: string, managedResources: readonly ManagedResource[] = [there]): string[] {
  const text = `version: 1\nschedules:\n  s:\n    timeZone: UTC\n    running: never\n    applies: [${entries}]\n`;
  const { plan } = readPlan(text, door, 0);
  return unmatchedSelectors(plan!.schedules[0]!, managedResources);
}

it('is odd: a name or a tag that nothing has, and what is gone', () => {
  expect(odd('{ clusters: [dev-1, dev-2], graphs: ["g-*"], tag: team=web }')).toEqual([
    'no DB cluster in default is called dev-2 and has the tag team=web',
    'no graph in default is called g-* and has the tag team=web',
  ]);
  expect(odd('{ clusters: [dev-1] }', [{ ...there, condition: 'gone' }])).toEqual([
    'no DB cluster in default is called dev-1',
  ]);
});

it('is odd, of names that stand once in the file for clusters and for graphs, what either lacks', () => {
  expect(odd('{ clusters: &names [dev-1], graphs: *names }')).toEqual(['no graph in default is called dev-1']);
});

it('is odd, of a tag that stands for both kinds, only what neither has', () => {
  expect(odd('{ tag: team=web }')).toEqual([]);
  expect(odd('{ tag: team=web }', [{ ...there, kind: 'graph' }])).toEqual([]);
  expect(odd('{ tag: team=web }, { tag: team=data }')).toEqual([
    'no DB cluster or graph in default has the tag team=data',
  ]);
  expect(odd('{ clusters: ["*"], graphs: ["*"], tag: team=web }')).toEqual([
    'no graph in default has the tag team=web',
  ]);
});

it('is odd, of an entry for every target, only what none has', () => {
  expect(odd('{ clusters: [dev-1], target: "*" }, { tag: team=web, target: "*" }')).toEqual([]);
  expect(odd('{ clusters: [dev-2], target: "*" }')).toEqual(['no DB cluster in default or prod is called dev-2']);
  expect(odd('{ clusters: [dev-1] }, { clusters: [dev-1], target: prod }')).toEqual([
    'no DB cluster in prod is called dev-1',
  ]);
});
