// After somebody has said something about a schedule: it is acted on right away, not with the next tick. Never refuses what was
// written already.
import type { Storage } from '../../queue/storage.ts';
import { tickSoon } from '../../schedules/tick.ts';

export async function seenSoon(storage: Storage): Promise<void> {
  // The next tick sees it anyway.
  await tickSoon(storage).catch(() => undefined);
}
