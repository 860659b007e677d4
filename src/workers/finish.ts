// Ends a job, or its rest: the record, its history, the end of joining, the cancel flag and the hand-over of the turn are one
// commit or none.
import { type History, historyChange } from '../records/history.ts';
import {
  type JobInLine,
  type JobRecord,
  type StoredJob,
  type Turn,
  indexOf,
  jobIndexes,
  keyOf,
} from '../records/job.ts';
import type { Change, Store, Stored } from '../records/store.ts';
import { type JobFile, LostJob } from './job-file.ts';
import { type Step, next } from './transitions.ts';

const tries = 50;

/** What has ended, and the job that got the turn, to be added to its queue. */
interface Finished {
  readonly step: Step;
  readonly nextInLine?: JobRecord;
}

/**
 * Commits the job as `stepAt` makes it for the store's time (milliseconds). The turn is kept where the step's effect is `rest`.
 * Throws `LostJob` when somebody else has written the record.
 */
export async function finish(file: JobFile, stepAt: (at: number) => Step): Promise<Finished> {
  const { job, store } = file;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const keys = [keyOf.request(job.request), keyOf.turn(job.resource), keyOf.cancel(job.id), keyOf.history(job.id)];
    const { at, records } = await store.read(keys);
    const [request, turn, cancel, history] = records;
    const step = stepAt(at);
    const changes: Change[] = [
      file.change(step.job),
      ...historyChange(history as Stored<History> | undefined, step.job, at),
    ];
    if ((request?.value as { job: string } | undefined)?.job === job.id)
      changes.push({ op: 'delete', was: request as Stored });
    if (cancel) changes.push({ op: 'delete', was: cancel });
    const isHolder = (turn as Stored<Turn> | undefined)?.value.job === job.id;
    const handOver =
      step.effect.do !== 'rest' && isHolder ? await passTurn(store, turn as Stored<Turn>, job, at) : undefined;
    changes.push(...(handOver?.changes ?? []));
    const committed = await store.commit(changes);
    if (committed.ok) {
      file.stored = committed.written[0] as StoredJob;
      return { step, ...(handOver?.nextInLine ? { nextInLine: handOver.nextInLine } : {}) };
    }
    if (committed.refused === 0) throw new LostJob(job.id);
  }
  throw new Error(`The end of job ${job.id} was refused ${tries} times; its line is changing too fast.`);
}

/** The first in line gets the turn and becomes due; with nobody in line, the turn is free again. */
async function passTurn(
  store: Store,
  turn: Stored<Turn>,
  job: JobRecord,
  at: number,
): Promise<{ changes: Change[]; nextInLine?: JobRecord }> {
  const line = indexOf.line(job.resource);
  const first = await firstInLine(store, line);
  if (first === undefined) {
    return {
      changes: [
        { op: 'delete', was: turn },
        // Whoever joins the line only checks the turn: without this, somebody could join now and never be woken.
        { op: 'empty', index: line },
      ],
    };
  }
  const circumstances = { at, jitter: 0, stalls: 0, bounds: {}, events: false };
  const nextInLine = next(first.value, { type: 'turn-given', ...circumstances }).job;
  const holder: Turn = { job: nextInLine.id, since: at };
  return {
    changes: [
      { op: 'replace', was: turn, value: holder },
      { op: 'replace', was: first, value: nextInLine, indexes: jobIndexes(nextInLine) },
    ],
    nextInLine,
  };
}

/** Places of jobs that are gone from the store, by whatever hand, are dropped on the way. */
async function firstInLine(store: Store, line: string): Promise<Stored<JobInLine> | undefined> {
  for (;;) {
    const { records, stale } = await store.page<JobInLine>(line, { order: 'oldest', limit: 1 });
    if (records.length > 0 || stale.length === 0 || (await store.prune(line, stale)) === 0) return records[0];
  }
}
