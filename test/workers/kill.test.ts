// Kills that each lose something of their own; all there are: kill.every.test.ts.
import { describeKills } from './killing.ts';

describeKills([
  ['redis', 'stop-db-cluster', 'accepted'],
  ['redis', 'stop-db-cluster', 'intent'],
  ['redis', 'stop-db-cluster', 'effect'],
  ['redis', 'stop-db-cluster', 'end'],
  ['redis', 'stop-db-cluster', 'event'],
  ['redis', 'fast-reset', 'intent'],
  ['redis', 'fast-reset', 'effect'],
  ['embedded', 'stop-db-cluster', 'effect'],
  ['embedded', 'fast-reset', 'request'],
  ['embedded', 'fast-reset', 'effect'],
]);
