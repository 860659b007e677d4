// Changes the state of a job's completion event in its record, which may be changing for other reasons at the same
// time.
import { type History, historyChange } from './history.ts';
import { type EventState, type JobRecord, type StoredJob, jobIndexes, keyOf } from './job.ts';
import type { Store, Stored } from './store.ts';

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
    const [job, history] = records as [StoredJob?, Stored<History>?];
    if (job?.value.event !== from) return undefined;
    const next: JobRecord = { ...job.value, event: to, transition: job.value.transition + 1 };
    const change = { op: 'replace', was: job, value: next, indexes: jobIndexes(next) } as const;
    if ((await store.commit([change, ...historyChange(history, next, at)])).ok) return next;
  }
}
