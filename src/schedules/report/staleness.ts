// Checks that every kind of resource under a schedule is listed regularly.
import type { Store } from '../../records/store.ts';
import { readLookRecords } from '../resource-cache.ts';
import type { WatchedPlan } from '../file/watched-plan.ts';

/** A few missed looks are no problem, and neither are some seconds of delay of a short tick. */
const ticksMissed = 5;
const shortest = 10_000;

/**
 * What is in the way, in sentences; empty when all was looked at lately. That one target can't be seen is a warning while others
 * can. Rejects when the store can't be reached.
 */
export async function findStaleness(
  store: Store,
  watched: WatchedPlan,
  tickMs: number,
): Promise<{ reasons: string[]; warnings: string[] }> {
  const { plan, loadedAt = Date.now() } = watched.current();
  const isMeant = plan?.schedules.some(({ applies }) => applies.length > 0) ?? false;
  if (!isMeant) return { reasons: [], warnings: [] };
  const [{ at }, lookRecords] = await Promise.all([store.read([]), readLookRecords(store)]);
  const patience = Math.max(shortest, ticksMissed * tickMs);
  // The last look may be from before a downtime. The first tick then needs time.
  const late = lookRecords.filter((lookRecord) => at - lookRecord.at > patience && Date.now() - loadedAt > patience);
  const never = lookRecords.length === 0 && Date.now() - loadedAt > patience;
  const blind = late.filter(({ trouble }) => trouble !== undefined);
  const unseen = blind.map(({ target, kind, trouble }) => {
    return `Schedules can’t see what is in target ${target} (${kind}): AWS says ${trouble?.what ?? ''}.`;
  });
  const areOthersSeen = lookRecords.some(({ target }) => blind.every((each) => each.target !== target));
  const behind =
    never || late.length > blind.length
      ? ['Schedules are behind: nobody has looked at their resources for more than five ticks.']
      : [];
  return areOthersSeen ? { reasons: behind, warnings: unseen } : { reasons: [...unseen, ...behind], warnings: [] };
}
