// Refuses to start without a target that live jobs need: nobody would visit them, and their turns would stay taken.
import { type JobRecord, indexOf } from '../records/job.ts';
import type { Cursor, Store } from '../records/store.ts';

/** Rejects when a live job's target isn't configured, and names the target and a job. */
export async function refuseLostTargets(store: Store, targets: readonly { readonly name: string }[]): Promise<void> {
  let after: Cursor | undefined;
  do {
    // Every live job is in this index.
    const page = await store.page<JobRecord>(indexOf.due, {
      order: 'oldest',
      limit: 1_000,
      ...(after === undefined ? {} : { after }),
    });
    const lost = page.records.find(({ value }) => !targets.some(({ name }) => name === value.target));
    if (lost) {
      const { target, id } = lost.value;
      throw new Error(
        `NEPTUNE_OPS_TARGETS lacks “${target}”, which job ${id} still needs. Put it back until its jobs have ended.`,
      );
    }
    after = page.next;
  } while (after !== undefined);
}
