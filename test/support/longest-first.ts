// Orders test files so that the longest begin first and no core idles at the end. Vitest learns this from earlier runs,
// but a fresh clone has none.
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
