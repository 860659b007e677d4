// The order of the test files: the longest begin first, so that none of them is left over at the end with the other cores
// idle. Vitest knows this of earlier runs, but a fresh clone has none.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const longest = [
  'first-hour',
  'workers/crash',
  'service',
  'workers/kill',
  'handlers/faults',
  'cli/command',
  'workers/stop',
  'records/embedded-database',
  'queue/rate',
  'queue/embedded-pool',
  'client/http-client',
  'client/store-client',
  'client/results',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return place < 0 ? longest.length : place;
}
