// Sessions of browsers: a random id in a cookie, and beside its digest in the store which key it was opened with. Must never
// keep, log or hand back the key itself, nor outlive the key.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { indexOf, keyOf } from '../../records/job.ts';
import type { Store, Stored } from '../../records/store.ts';
import type { ApiKey, KeyRing } from './api-keys.ts';

/** How long a session lasts, in milliseconds. */
export const sessionLasts = 8 * 3_600_000;

/** Of one key, at the same time. Where one more is opened, the oldest ends. */
export const mostSessions = 20;

/** A key's sessions, by when they were opened. */
const sessionsOf = (key: string) => `${indexOf.sessions}/${key}`;

/** Times by the store's clock, in milliseconds. */
interface Session {
  /** The key's id. */
  readonly key: string;
  /**
   * Proves that this very session was opened with this very key, then: by the key's digest, which isn't in the store. Who
   * can write there can't make a session, prolong one or give it another key.
   */
  readonly seal: string;
  readonly since: number;
  readonly expires: number;
}

/** Opens a session for whoever holds this key; answers its id, which only the browser keeps. */
export async function openSession(store: Store, key: ApiKey): Promise<string> {
  const id = randomBytes(32).toString('base64url');
  const { at } = await store.read([]);
  const value: Session = { key: key.id, seal: sealOf(key, id, at), since: at, expires: at + sessionLasts };
  const indexes = { [indexOf.sessions]: value.expires, [sessionsOf(key.id)]: at };
  const committed = await store.commit([{ op: 'create', key: placeOf(id), value, indexes }]);
  if (!committed.ok) throw new Error('A random id of 256 bits was taken.');
  await endOldest(store, key, placeOf(id));
  return id;
}

/** Only once the newest one is there: so whoever looks last, of several at the same moment, sees them all. */
async function endOldest(store: Store, key: ApiKey, newest: string): Promise<void> {
  const { records } = await store.page<Session>(sessionsOf(key.id), { order: 'newest', limit: 1_000 });
  // Not by time alone, for the store's clock may have been set back.
  const others = records.filter((session) => session.key !== newest);
  for (const was of others.slice(mostSessions - 1)) await store.commit([{ op: 'delete', was }]);
}

/** The key that the session was opened with; nothing once it is over or its key is no longer in the ring. */
export async function keyOfSession(store: Store, keys: KeyRing, id: string): Promise<ApiKey | undefined> {
  const { at, session } = await read(store, id);
  if (session === undefined || at >= session.value.since + sessionLasts) return undefined;
  const { key: of, since, seal } = session.value;
  const key = keys.byId(of);
  return key !== undefined && sealOf(key, id, since) === seal ? key : undefined;
}

/** Ends a session, whatever browser still has its id. */
export async function endSession(store: Store, id: string): Promise<void> {
  const { session } = await read(store, id);
  if (session) await store.commit([{ op: 'delete', was: session }]);
}

async function read(store: Store, id: string): Promise<{ at: number; session: Stored<Session> | undefined }> {
  const { at, records } = await store.read([placeOf(id)]);
  return { at, session: records[0] as Stored<Session> | undefined };
}

/** Who reads the store can't make a cookie of what is there. */
function placeOf(id: string): string {
  return keyOf.session(digest(id));
}

function sealOf({ sha256 }: ApiKey, id: string, since: number): string {
  return createHmac('sha256', sha256).update(`session ${since} ${id}`).digest('base64url');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
