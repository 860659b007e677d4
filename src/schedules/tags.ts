// Reads the tags of resources that are new, at once, and of all others in turn, so that each is read anew once in a while.
// AWS has no list of tags: one call a resource.
import pMap from 'p-map';
import type { Sighting } from '../aws/estate.ts';
import { isAnother } from './observe.ts';
import { type Shelf, sleeperOf } from './shelf.ts';
import type { Estate, SchedulesWorld } from './world.ts';

/** Of one tick: a thousand new resources at once would use up the API's budget for everybody. */
const mostNew = 100;
const sideBySide = 4;

/** What could not be read is read in a later tick; a resource whose tags aren't known is under no schedule by tag. */
export async function refreshTags(
  { tagsMs, tickMs, log }: SchedulesWorld,
  estate: Estate,
  shelf: Shelf,
  seen: readonly Sighting[],
): Promise<void> {
  const readAt = (sighting: Sighting) => {
    const known = sleeperOf(shelf, sighting)?.value;
    return known === undefined || isAnother(known, sighting) ? 0 : (known.tagsReadAt ?? 0);
  };
  const triedAt = (sighting: Sighting) => Math.max(readAt(sighting), shelf.unreadTags.get(sighting.id) ?? 0);
  // Who could not be read waits behind the others, so that a few that never can don't keep them from their turn.
  const alive = seen.filter(({ condition }) => condition !== 'lost').sort((a, b) => triedAt(a) - triedAt(b));
  const fresh = alive.filter((sighting) => readAt(sighting) === 0).slice(0, mostNew);
  const inTurn = Math.ceil((alive.length * tickMs) / tagsMs);
  const known = alive.filter((sighting) => readAt(sighting) > 0);
  // Early enough for the last in the row, so many a tick: all that were read at once can't be read anew at once.
  const isTime = known.some((sighting, place) => {
    return triedAt(sighting) + tagsMs - shelf.at < tickMs * (Math.floor(place / inTurn) + 1);
  });
  const old = isTime ? known.slice(0, inTurn) : [];
  const troubles: string[] = [];
  const read = async (sighting: Sighting) => {
    if (troubles.length > 3) return;
    try {
      shelf.newTags.set(sighting.id, await estate.tags(sighting));
      shelf.unreadTags.delete(sighting.id);
    } catch (error) {
      shelf.unreadTags.set(sighting.id, shelf.at);
      troubles.push((error as Error).name);
    }
  };
  await pMap([...fresh, ...old], read, { concurrency: sideBySide });
  if (troubles.length > 0) log.warn({ target: shelf.target, kind: shelf.kind, troubles }, 'tags could not be read');
}
