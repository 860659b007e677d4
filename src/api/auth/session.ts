// Browser sessions: a random id in a cookie, and in the store its digest with the id of the key. A session never
// stores, logs or returns the key itself, and ends with the key.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { indexOf, keyOf } from '../../records/job.ts';
import type { Store, Stored } from '../../records/store.ts';
import type { ApiKey, KeyRing } from './api-keys.ts';

/** How long a session lasts; milliseconds. */
export const sessionLasts = 8 * 3_600_000;

/** The limit of sessions per key. One more ends the oldest. */
const mostSessions = 20;

/** A key's sessions, by the time they were opened. */
const sessionsOf = (key: string) => `${indexOf.sessions}/${key}`;

/** Times are the store's, in milliseconds. */
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

/** Opens a session for a key. Returns its id, which only the browser keeps. */
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

/** Runs after the new session was written: of several at the same moment, the last one sees them all. */
async function endOldest(store: Store, key: ApiKey, newest: string): Promise<void> {
  const { records } = await store.page<Session>(sessionsOf(key.id), { order: 'newest', limit: 1_000 });
  // Not by time alone, because the store's clock may have been set back.
  const others = records.filter((session) => session.key !== newest);
  for (const was of others.slice(mostSessions - 1)) await store.commit([{ op: 'delete', was }]);
}

/** The key of the session; `undefined` once the session has ended or its key was removed. */
export async function keyOfSession(store: Store, keys: KeyRing, id: string): Promise<ApiKey | undefined> {
  const { at, session } = await read(store, id);
  if (session === undefined || at >= session.value.since + sessionLasts) return undefined;
  const { key: of, since, seal } = session.value;
  const key = keys.byId(of);
  return key !== undefined && sealOf(key, id, since) === seal ? key : undefined;
}

/** Ends a session. */
export async function endSession(store: Store, id: string): Promise<void> {
  const { session } = await read(store, id);
  if (session) await store.commit([{ op: 'delete', was: session }]);
}

async function read(store: Store, id: string): Promise<{ at: number; session: Stored<Session> | undefined }> {
  const { at, records } = await store.read([placeOf(id)]);
  return { at, session: records[0] as Stored<Session> | undefined };
}

/** A reader of the store can't derive a cookie from the digest. */
function placeOf(id: string): string {
  return keyOf.session(digest(id));
}

function sealOf({ sha256 }: ApiKey, id: string, since: number): string {
  return createHmac('sha256', sha256).update(`session ${since} ${id}`).digest('base64url');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
