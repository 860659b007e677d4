// Changes the state of a job's completion event in its record, which may be changing for other reasons at the same
// time.
import { type History, historyChange } from '../records/history.ts';
import { type EventState, type JobRecord, type StoredJob, ended, jobIndexes, keyOf } from '../records/job.ts';
import type { Store, Stored } from '../records/store.ts';
import { next } from '../workers/transitions.ts';

/**
 * Changes the event's state from one value to another. Returns the job, or `undefined` when the event was in another
 * state.
 */
export async function changeEvent(
  store: Store,
  id: string,
  from: EventState,
  to: EventState,
): Promise<JobRecord | undefined> {
  for (;;) {
    const { at, records } = await store.read([keyOf.job(id), keyOf.history(id)]);
    const [stored, history] = records as [StoredJob?, Stored<History>?];
    if (stored === undefined || ended(stored.value)?.event !== from) return undefined;
    const circumstances = { at, jitter: 0, stalls: 0, bounds: {}, events: true };
    const { job } = next(stored.value, { type: 'event-changed', to, ...circumstances });
    const change = { op: 'replace', was: stored, value: job, indexes: jobIndexes(job) } as const;
    if ((await store.commit([change, ...historyChange(history, job, at)])).ok) return job;
  }
}
