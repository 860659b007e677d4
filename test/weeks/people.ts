// What people, and chance, do to the account in four weeks: decided before it begins, so that every run is the same.
import type { Account } from '../../emulator/account.ts';
import { day, hour, minute } from './world.ts';

/** Something that happens at a time; `wish` is a stretch in which a resource was rightly not asleep. */
export interface Happening {
  readonly at: number;
  readonly id: string;
  readonly what: 'start' | 'stop' | 'busy' | 'idle' | 'backup' | 'keep-on' | 'delete' | 'appear';
  /** When it is over, for what has an end. */
  readonly until?: number;
}

const isEvening = (at: number) => new Date(at).getUTCHours() >= 17 || new Date(at).getUTCHours() < 4;

export function plannedHappenings(start: number, weeks: number, random: () => number): Happening[] {
  const found: Happening[] = [];
  const sometime = () => start + Math.floor((random() * weeks * 7 * day) / minute) * minute;
  const some = (names: readonly string[]) => {
    const prefix = names[Math.floor(random() * names.length)] ?? '';
    return `${prefix}-${Math.floor(random() * 15)}`;
  };
  for (let i = 0; i < 60; i += 1)
    found.push({ at: sometime(), id: some(['dev', 'test', 'batch', 'archive']), what: 'start' });
  for (let i = 0; i < 20; i += 1) found.push({ at: sometime(), id: some(['dev', 'test']), what: 'stop' });
  for (let i = 0; i < 200; i += 1) {
    const at = sometime();
    if (!isEvening(at)) continue;
    const [id, until] = [some(['dev', 'test']), at + (0.5 + random() * 3) * hour];
    found.push({ at, id, what: 'busy', until }, { at: until, id, what: 'idle' });
  }
  for (let i = 0; i < 300; i += 1) {
    const at = sometime();
    found.push({ at, id: some(['dev', 'test', 'batch']), what: 'backup', until: at + (5 + random() * 20) * minute });
  }
  for (let i = 0; i < 25; i += 1) {
    const at = sometime();
    found.push({ at, id: some(['dev', 'test', 'archive']), what: 'keep-on', until: at + (1 + random() * 5) * hour });
  }
  // Right after the schedule's own stop, when lists may still be behind.
  for (let i = 0; i < 30; i += 1) {
    const evening = Math.floor(sometime() / day) * day + 18 * hour;
    found.push({ at: evening + Math.floor(5 + random() * 10) * minute, id: some(['dev']), what: 'start' });
  }
  found.push({ at: sometime(), id: 'dev-80', what: 'delete' }, { at: sometime(), id: 'dev-new', what: 'appear' });
  return found.sort((a, b) => a.at - b.at);
}

/** Makes it happen, if it can as the resource is; answers whether it did. */
export async function happen(account: Account, { id, what, until = 0, at }: Happening): Promise<boolean> {
  const { outsider, clusters } = account;
  if (what === 'appear') {
    await account.addCluster({ identifier: id, dataPlane: false });
    return true;
  }
  const cluster = clusters.get(id);
  if (cluster === undefined || cluster.status.now === 'deleted') return false;
  const status = cluster.status.now;
  if (what === 'start' && status === 'stopped') outsider.startCluster(id);
  else if (what === 'stop' && status === 'available') outsider.stopCluster(id);
  else if (what === 'busy' && status === 'available') outsider.setBusy(id, { gremlinQueries: 2 });
  else if (what === 'idle') outsider.setBusy(id, {});
  else if (what === 'backup' && status === 'available')
    outsider.setClusterStatus(id, 'backing-up', { forMs: until - at });
  else if (what === 'delete') outsider.deleteCluster(id);
  else return false;
  return true;
}
