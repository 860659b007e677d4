// Makes job records by hand.
import { type JobRecord, noTrouble } from '../../src/records/job.ts';

const created = Date.parse('2026-11-20T10:00:00Z');

/** A stop that succeeded five minutes after its creation. */
export function endedJob(parts: Partial<JobRecord> = {}): JobRecord {
  return {
    schema: 1,
    id: '00000000-0000-4000-8000-000000000001',
    operation: 'stop-db-cluster',
    target: 'default',
    resource: 'default/db-cluster/dev-1',
    input: { dbClusterIdentifier: 'dev-1' },
    request: 'digest',
    takesTurn: true,
    state: 'succeeded',
    phase: 'over',
    createdAt: created,
    startedAt: created + 1_000,
    finishedAt: created + 300_000,
    deadline: created + 7_200_000,
    polls: 4,
    transition: 6,
    intents: 1,
    changed: true,
    status: 'stopped',
    trouble: noTrouble,
    outcome: { state: 'succeeded', changed: true, status: 'stopped' },
    event: 'pending',
    ...parts,
  };
}
