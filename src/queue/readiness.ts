// Checks whether the service can work: the store answers, a worker is alive, AWS accepts the credentials, nothing is
// long overdue. Everybody may read the reasons, so they name no resource and contain no secret.
import { isAnyWorkerAlive } from './heartbeat.ts';
import { indexOf, keyOf } from '../records/job.ts';
import type { Store, Stored } from '../records/store.ts';
import { storeTroubleOf } from '../records/store-trouble.ts';
import type { Storage } from './storage.ts';

interface CredentialsTrouble {
  readonly at: number;
  readonly message: string;
}

/** Refused credentials are recorded at most this often, and count three times as long; milliseconds. */
const reportEvery = 20_000;
const overdueAfter = 60_000;
/** An event that is still pending this long after its job's end is stuck; milliseconds. */
const stuckAfter = 300_000;

/** Records that AWS refused a target's credentials, so that every process' readiness says so. */
export function reportCredentials(store: Store): (target: string, message: string) => void {
  const reported = new Map<string, number>();
  return (target, message) => {
    const now = performance.now();
    if (now - (reported.get(target) ?? -Infinity) < reportEvery) return;
    reported.set(target, now);
    void writeDown(store, target, message).catch(() => reported.delete(target));
  };
}

async function writeDown(store: Store, target: string, message: string): Promise<void> {
  const key = keyOf.credentials(target);
  const { at, records } = await store.read([key]);
  const value: CredentialsTrouble = { at, message };
  const [was] = records;
  await store.commit([was ? { op: 'replace', was, value } : { op: 'create', key, value }]);
}

/** Sentences: what keeps the service from working, and what is wrong while it works. */
export interface Troubles {
  readonly reasons: string[];
  readonly warnings: string[];
}

/**
 * Why the store takes no writes, in a sentence: it is unreachable, a replica after a failover, out of memory …
 * `undefined` when it does. Never rejects.
 */
export function refusesWrites({ probe }: Pick<Storage, 'probe'>): Promise<string | undefined> {
  return probe().then(
    () => undefined,
    (error: Error) => `The store ${storeTroubleOf(error) ?? 'can’t be reached'}.`,
  );
}

/**
 * What is in the way; no reasons when the service is ready. Trouble with one target's credentials is a reason only where no
 * other target is left. `sendsEvents`: a queue for events is configured; without one, those of earlier runs stay where they
 * are. Rejects when the store can't be reached.
 */
export async function notReady(
  store: Store,
  targets: readonly { readonly name: string }[],
  sendsEvents: boolean,
): Promise<Troubles> {
  const { at, records } = await store.read(targets.map(({ name }) => keyOf.credentials(name)));
  const refused = targets.flatMap(({ name }, index) => {
    const trouble = records[index] as Stored<CredentialsTrouble> | undefined;
    const lately = trouble !== undefined && at - trouble.value.at < 3 * reportEvery;
    return lately ? [`AWS refuses the credentials of target ${name}; the log says more.`] : [];
  });
  const isAll = refused.length === targets.length;
  const reasons = isAll ? refused : [];
  const [alive, overdue, stuck] = await Promise.all([
    isAnyWorkerAlive(store, at),
    store.page(indexOf.due, { order: 'oldest', limit: 1, until: at - overdueAfter }),
    store.page(indexOf.events, { order: 'oldest', limit: 1, until: at - stuckAfter }),
  ]);
  if (!alive) reasons.push('No worker is running, so jobs wait. Start one: neptune-ops start worker');
  if (overdue.records.length > 0)
    reasons.push('Visits are overdue by more than a minute: is a worker running, and is the rate enough?');
  if (sendsEvents && stuck.records.length > 0)
    reasons.push('Completion events have waited for more than five minutes; the log says why.');
  return { reasons, warnings: isAll ? [] : refused };
}
