// Reads the tags of new resources at once, and those of all others in turn, so that each is read again from time to
// time. AWS has no list of tags: each resource takes one call.
import pMap from 'p-map';
import type { ObservedResource } from '../../aws/inventory.ts';
import { isAnother } from './observe.ts';
import { type ResourceCache, managedResourceOf } from '../resource-cache.ts';
import type { Inventory, ScheduleDependencies } from '../dependencies.ts';

/** The limit for one tick. A thousand new resources at once would use up the API's budget for everybody. */
const mostNew = 100;
const sideBySide = 4;

/**
 * Reads tags into the cache. Tags that couldn't be read are read in a later tick. A resource with unknown tags is under
 * no schedule that selects by tag.
 */
export async function refreshTags(
  { tagsMs, tickMs, log }: ScheduleDependencies,
  inventory: Inventory,
  cache: ResourceCache,
  seen: readonly ObservedResource[],
): Promise<void> {
  const readAt = (observed: ObservedResource) => {
    const known = managedResourceOf(cache, observed)?.value;
    return known === undefined || isAnother(known, observed) ? 0 : (known.tagsReadAt ?? 0);
  };
  const triedAt = (observed: ObservedResource) => Math.max(readAt(observed), cache.unreadTags.get(observed.id) ?? 0);
  // Resources whose tags couldn't be read go last, so that a few that always fail don't block the others.
  const alive = seen.filter(({ condition }) => condition !== 'lost').sort((a, b) => triedAt(a) - triedAt(b));
  const fresh = alive.filter((observed) => readAt(observed) === 0).slice(0, mostNew);
  const inTurn = Math.ceil((alive.length * tickMs) / tagsMs);
  const known = alive.filter((observed) => readAt(observed) > 0);
  // Early enough for the last in the order, because only so many are read per tick.
  const isTime = known.some((observed, place) => {
    return triedAt(observed) + tagsMs - cache.at < tickMs * (Math.floor(place / inTurn) + 1);
  });
  const old = isTime ? known.slice(0, inTurn) : [];
  const troubles: string[] = [];
  const read = async (observed: ObservedResource) => {
    if (troubles.length > 3) return;
    try {
      cache.newTags.set(observed.id, await inventory.tags(observed));
      cache.unreadTags.delete(observed.id);
    } catch (error) {
      cache.unreadTags.set(observed.id, cache.at);
      troubles.push((error as Error).name);
    }
  };
  await pMap([...fresh, ...old], read, { concurrency: sideBySide });
  if (troubles.length > 0) log.warn({ target: cache.target, kind: cache.kind, troubles }, 'tags could not be read');
}
