// How a job ends: outcome, pending event, the end of joining, and the turn's hand-over, in one commit or not at all.
import { type History, historyChange } from '../records/history.ts';
import { type JobRecord, type Outcome, type StoredJob, type Turn, indexOf, jobIndexes, keyOf } from '../records/job.ts';
import type { Change, Store, Stored } from '../records/store.ts';
import { type JobFile, LostJob, type Parts } from './job-file.ts';

/** The job that got the turn, to be added to its queue. */
export type Heir = JobRecord | undefined;

export interface Ending {
  readonly events: boolean;
  readonly resting: boolean;
  /** What else the last visit learned. */
  readonly parts?: Parts;
}

const tries = 50;

/**
 * Ends the job. With `resting`, the turn stays taken until the resource rests; `events` says whether an event is due.
 * Throws `LostJob` when somebody else has written the record.
 */
export async function endJob(file: JobFile, outcome: Outcome, { events, resting, parts }: Ending): Promise<Heir> {
  return settle(file, resting, (at) => ({
    ...parts,
    state: outcome.state,
    outcome,
    phase: resting ? 'rest' : 'over',
    event: events ? 'pending' : 'off',
    finishedAt: at,
    ...(outcome.status === undefined ? {} : { status: outcome.status }),
    ...(resting ? {} : { dueAt: undefined }),
  }));
}

/** Gives the turn of an ended job on, once its resource rests. */
export async function endRest(file: JobFile): Promise<Heir> {
  return settle(file, false, () => ({ phase: 'over', dueAt: undefined }));
}

async function settle(file: JobFile, keepTurn: boolean, partsAt: (at: number) => Parts): Promise<Heir> {
  const { job, store } = file;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const keys = [keyOf.request(job.request), keyOf.turn(job.resource), keyOf.cancel(job.id), keyOf.history(job.id)];
    const { at, records } = await store.read(keys);
    const [request, turn, cancel, history] = records;
    const next = file.with(partsAt(at));
    const changes: Change[] = [file.change(next), ...historyChange(history as Stored<History> | undefined, next, at)];
    if ((request?.value as { job: string } | undefined)?.job === job.id)
      changes.push({ op: 'delete', was: request as Stored });
    if (cancel) changes.push({ op: 'delete', was: cancel });
    const handOver = keepTurn || !holds(turn, job) ? undefined : await passTurn(store, turn as Stored<Turn>, job, at);
    changes.push(...(handOver?.changes ?? []));
    const committed = await store.commit(changes);
    if (committed.ok) {
      file.stored = committed.written[0] as StoredJob;
      return handOver?.heir;
    }
    if (committed.refused === 0) throw new LostJob(job.id);
  }
  throw new Error(`The end of job ${job.id} was refused ${tries} times; its line is changing too fast.`);
}

function holds(turn: Stored | undefined, job: JobRecord): boolean {
  return (turn as Stored<Turn> | undefined)?.value.job === job.id;
}

/** The first in line gets the turn and becomes due; with nobody in line, the turn is free again. */
async function passTurn(
  store: Store,
  turn: Stored<Turn>,
  job: JobRecord,
  at: number,
): Promise<{ changes: Change[]; heir: Heir }> {
  const line = indexOf.line(job.resource);
  const next = await firstInLine(store, line);
  if (next === undefined)
    return {
      changes: [
        { op: 'delete', was: turn },
        { op: 'empty', index: line },
      ],
      heir: undefined,
    };
  const { reason: _inLine, ...waited } = next.value;
  const heir: JobRecord = { ...waited, phase: 'look', dueAt: at, transition: waited.transition + 1 };
  const holder: Turn = { job: heir.id, since: at };
  return {
    changes: [
      { op: 'replace', was: turn, value: holder },
      { op: 'replace', was: next, value: heir, indexes: jobIndexes(heir) },
    ],
    heir,
  };
}

/** Places of jobs that are gone from the store, by whatever hand, are dropped on the way. */
async function firstInLine(store: Store, line: string): Promise<StoredJob | undefined> {
  for (;;) {
    const { records, stale } = await store.page<JobRecord>(line, { order: 'oldest', limit: 1 });
    if (records.length > 0 || stale.length === 0 || (await store.prune(line, stale)) === 0) return records[0];
  }
}
