// Runs a tick at once after a person changed something about schedules. A failure doesn't undo or refuse the change.
import type { Storage } from '../../queue/storage.ts';
import { tickSoon } from '../../schedules/tick.ts';

export async function seenSoon(storage: Storage): Promise<void> {
  // The next regular tick acts on it anyway.
  await tickSoon(storage).catch(() => undefined);
}
