// Refuses to start without a target that live jobs need: nobody would visit them, and their turns would stay taken.
import { type JobRecord, indexOf } from '../records/job.ts';
import type { Store } from '../records/store.ts';
import { indexRecords } from '../records/walk-index.ts';

/** Rejects when a live job's target isn't configured, and names the target and a job. */
export async function refuseLostTargets(store: Store, targets: readonly { readonly name: string }[]): Promise<void> {
  // Every job that isn't over is due some time.
  for await (const { value } of indexRecords<JobRecord>(store, indexOf.due)) {
    const { target, id } = value;
    if (targets.some(({ name }) => name === target)) continue;
    throw new Error(
      `NEPTUNE_OPS_TARGETS lacks “${target}”, which job ${id} still needs. Put it back until its jobs have ended.`,
    );
  }
}
