// Browser sessions: a random id in a cookie, and in the store its digest with the id of the key. A session never
// stores, logs or returns the key itself, and ends with the key.
import { createHash, randomBytes } from 'node:crypto';
import { indexOf, keyOf } from '../../records/job.ts';
import type { Store, Stored } from '../../records/store.ts';
import type { ApiKey, KeyRing } from './api-keys.ts';

/** How long a session lasts; milliseconds. */
export const sessionLasts = 8 * 3_600_000;

/** The limit of sessions per key. One more ends the oldest. */
export const mostSessions = 20;

/** A key's sessions, by the time they were opened. */
const sessionsOf = (key: string) => `${indexOf.sessions}/${key}`;

/** Times are the store's, in milliseconds. */
interface Session {
  /** The key's id. */
  readonly key: string;
  /** Distinguishes the key from a later one with the same id. It reveals nothing of the key. */
  readonly mark: string;
  readonly since: number;
  readonly expires: number;
}

/** Opens a session for a key. Returns its id, which only the browser keeps. */
export async function openSession(store: Store, key: ApiKey): Promise<string> {
  const id = randomBytes(32).toString('base64url');
  const { at } = await store.read([]);
  const value: Session = { key: key.id, mark: markOf(key), since: at, expires: at + sessionLasts };
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
  if (session === undefined || at >= session.value.expires) return undefined;
  const key = keys.byId(session.value.key);
  return key !== undefined && markOf(key) === session.value.mark ? key : undefined;
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

function markOf({ sha256 }: ApiKey): string {
  return digest(`session of ${sha256}`).slice(0, 16);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
