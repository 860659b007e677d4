// Makes job records by hand.
import type { Intent, Json } from '../../src/operation.ts';
import {
  type EventState,
  type JobBase,
  type JobFollowing,
  type JobOver,
  type JobRecord,
  type JobState,
  type Outcome,
  type Phase,
  noTrouble,
} from '../../src/records/job.ts';
import type { Store } from '../../src/records/store.ts';
import { finish } from '../../src/workers/finish.ts';
import { JobFile } from '../../src/workers/job-file.ts';

/** A job of whatever phase, for tests that look at what it has without asking for the phase first. */
export interface AnyJob extends JobBase {
  readonly state: JobState;
  readonly phase: Phase;
  readonly dueAt?: number;
  readonly intent?: Intent;
  readonly handle?: Json;
  readonly outcome?: Outcome;
  readonly event?: EventState;
  readonly finishedAt?: number;
}

const created = Date.parse('2026-11-20T10:00:00Z');

/** A stop that succeeded five minutes after its creation. */
export function endedJob(parts: Partial<AnyJob> = {}): JobOver {
  const job: AnyJob = {
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
  return job as JobOver;
}

/** A stop that AWS was asked for, and that is being followed. */
export function followedJob(parts: Partial<AnyJob> = {}): JobFollowing {
  const { outcome: _outcome, finishedAt: _finishedAt, event: _event, ...rest } = endedJob();
  const job: AnyJob = { ...rest, state: 'running', phase: 'follow', status: 'stopping', dueAt: created, ...parts };
  return job as JobFollowing;
}

async function openJob(store: Store, id: string): Promise<JobFile> {
  const file = await JobFile.open(store, id);
  if (file === undefined) throw new Error(`there is no job ${id}`);
  return file;
}

/** Writes a job's record with these parts, as a visit would. */
export async function changeJob(store: Store, id: string, parts: Readonly<Record<string, unknown>>): Promise<void> {
  const file = await openJob(store, id);
  await file.write({ ...file.job, ...parts, transition: file.job.transition + 1 } as JobRecord);
}

/** Ends a job, as a visit would. */
export async function endJob(store: Store, id: string, outcome: Outcome, event: JobOver['event']): Promise<void> {
  const file = await openJob(store, id);
  await finish(file, (at) => {
    const { dueAt: _due, ...job } = file.job as JobRecord & { readonly dueAt?: number };
    const ended = { ...job, state: outcome.state, outcome, event, finishedAt: at, phase: 'over' } as JobOver;
    return { job: { ...ended, transition: job.transition + 1 }, effect: { do: 'end' } };
  });
}
