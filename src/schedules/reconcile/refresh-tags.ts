// Reads the tags of resources that are new, at once, and of all others in turn, so that each is read anew once in a while.
// AWS has no list of tags: one call a resource.
import pMap from 'p-map';
import type { ObservedResource } from '../../aws/inventory.ts';
import { isAnother } from './observe.ts';
import { type ResourceCache, managedResourceOf } from '../resource-cache.ts';
import type { Inventory, ScheduleDependencies } from '../dependencies.ts';

/** Of one tick: a thousand new resources at once would use up the API's budget for everybody. */
const mostNew = 100;
const sideBySide = 4;

/** What could not be read is read in a later tick; a resource whose tags aren't known is under no schedule by tag. */
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
  // Who could not be read waits behind the others, so that a few that never can don't keep them from their turn.
  const alive = seen.filter(({ condition }) => condition !== 'lost').sort((a, b) => triedAt(a) - triedAt(b));
  const fresh = alive.filter((observed) => readAt(observed) === 0).slice(0, mostNew);
  const inTurn = Math.ceil((alive.length * tickMs) / tagsMs);
  const known = alive.filter((observed) => readAt(observed) > 0);
  // Early enough for the last in the row, so many a tick: all that were read at once can't be read anew at once.
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
