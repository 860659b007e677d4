// The sample account of `npm run local` and the demo.
import type { Account } from './account.ts';

/** Fixed ids, so that the documentation can name them. */
export const sample = {
  graph: 'g-sample0001',
  importGraph: 'g-sample0002',
  importThatSucceeds: 't-succeeds01',
  importThatFails: 't-fails00001',
  importToCancel: 't-cancel0001',
} as const;

/** Adds clusters, graphs and imports. The imports begin now. */
export async function addSamples(account: Account): Promise<void> {
  await account.addCluster({ identifier: 'dev-1', instances: 2, data: 1200, tags: { team: 'search', stage: 'dev' } });
  await account.addCluster({ identifier: 'dev-2', status: 'starting', tags: { team: 'search', stage: 'dev' } });
  await account.addCluster({
    identifier: 'staging-1',
    status: 'stopped',
    instances: 2,
    data: 5000,
    tags: { stage: 'staging' },
  });
  await account.addCluster({ identifier: 'reports-1', data: 80_000, tags: { team: 'reports', stage: 'dev' } });
  account.addGraph({ id: sample.graph, name: 'recommendations', provisionedMemory: 32, tags: { team: 'search' } });
  account.addGraph({ id: sample.importGraph, name: 'catalogue', provisionedMemory: 16 });
  const onGraph = { graphId: sample.importGraph, format: 'CSV' };
  account.addImportTask({ ...onGraph, id: sample.importThatSucceeds, totalMs: 8000, statementCount: 250_000 });
  account.addImportTask({ ...onGraph, id: sample.importThatFails, plan: 'fail', totalMs: 12_000 });
  account.addImportTask({ ...onGraph, id: sample.importToCancel, totalMs: 30 * 60_000, statementCount: 90_000_000 });
}
