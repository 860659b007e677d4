// A job's history, kept beside its record: its last 200 changes that a follower should see.
import type { Progress } from '../operation.ts';
import { type EventState, type JobRecord, type JobState, indexOf, isEnded, keyOf } from './job.ts';
import type { Change, Stored } from './store.ts';

/** One change. `n` is the record's transition number, `at` milliseconds since 1970. */
interface HistoryEntry {
  readonly n: number;
  readonly at: number;
  readonly state: JobState;
  readonly status?: string;
  readonly progress?: Progress;
  readonly event?: EventState;
}

export type History = readonly HistoryEntry[];

const kept = 200;

/** The change of the history to commit together with the job's record. Empty when a follower would see nothing new. */
export function historyChange(was: Stored<History> | undefined, job: JobRecord, at: number): Change[] {
  const entry: HistoryEntry = {
    n: job.transition,
    at,
    state: job.state,
    ...(job.status === undefined ? {} : { status: job.status }),
    ...(job.progress === undefined ? {} : { progress: job.progress }),
    ...(isEnded(job) ? { event: job.event } : {}),
  };
  const last = was?.value.at(-1);
  if (last !== undefined && tells(last) === tells(entry)) return [];
  const value: History = [...(was?.value ?? []), entry].slice(-kept);
  const indexes = { [indexOf.history]: at };
  return [was ? { op: 'replace', was, value, indexes } : { op: 'create', key: keyOf.history(job.id), value, indexes }];
}

function tells({ n: _n, at: _at, ...told }: HistoryEntry): string {
  return JSON.stringify(told);
}
