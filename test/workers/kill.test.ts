// A few kills around the change itself; at every moment, with every operation and store: kill.every.test.ts.
import { describeKills } from './killing.ts';

describeKills([
  ['redis', 'stop-db-cluster', 'effect'],
  ['redis', 'fast-reset', 'effect'],
  ['embedded', 'stop-db-cluster', 'effect'],
  ['embedded', 'fast-reset', 'request'],
]);
