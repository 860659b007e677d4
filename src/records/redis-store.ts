// The store on Redis 6.2 or later: one string per document, one sorted set per index, one Lua script per commit. The
// script checks every expectation before it writes anything.

import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type Document, type Entry, type Expectation, planCommit, VERSION_LENGTH } from './commit-plan.ts';
import { keyIn, pageOf, stretchOf } from './index-page.ts';
import type { Change, Committed, Cursor, Indexes, Page, PageRequest, Store, Stored } from './store.ts';

interface RedisStoreOptions {
  /** The caller connects it; the store's `close` ends it. */
  readonly redis: Redis;
  /** Needs a hash tag, so that all keys of a commit are in one slot of a cluster. Default `{neptune-ops}`. */
  readonly prefix?: string;
  /** Milliseconds since 1970; for tests. Default: Redis' clock. */
  readonly now?: () => number;
}

const CLOSE_WITHIN_MS = 1_000;
/**
 * How long the time of an answer may be extrapolated: clocks drift, and after a failover another server's clock counts.
 */
const TIME_KNOWN_MS = 10_000;

/**
 * KEYS: one for each expectation, one for each document to write, one for each to delete, one for each index entry to
 * move.
 * ARGV: the counts of the first three; the expected versions; the documents; the entries, each behind '+' or '-'.
 * Writes come before deletes: out of memory, Redis refuses writes but still deletes.
 */
const COMMIT = `
local expected, written, deleted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 1, expected do
  local want = ARGV[3 + i]
  if want == 'empty' then
    if redis.call('EXISTS', KEYS[i]) == 1 then return i end
  elseif redis.call('GETRANGE', KEYS[i], 0, ${VERSION_LENGTH - 1}) ~= want then
    return i
  end
end
local last = expected + written
for i = expected + 1, last do redis.call('SET', KEYS[i], ARGV[3 + i]) end
for i = last + 1, last + deleted do redis.call('DEL', KEYS[i]) end
for i = last + deleted + 1, #KEYS do
  local move = ARGV[3 + i - deleted]
  local member = string.sub(move, 2)
  if string.sub(move, 1, 1) == '+' then redis.call('ZADD', KEYS[i], 0, member)
  else redis.call('ZREM', KEYS[i], member) end
end
return 0`;

/**
 * KEYS: the index, then the document of each entry.
 * ARGV: the index's name, then the entries.
 */
const PRUNE = `
local pruned = 0
for i = 2, #KEYS do
  local entry, carried = ARGV[i], false
  local document = redis.call('GET', KEYS[i])
  if document then
    local indexes = cjson.decode(string.sub(document, ${VERSION_LENGTH + 1}, string.find(document, '\\n', 1, true) - 1))
    local at = indexes[ARGV[1]]
    carried = at ~= nil and string.format('%013.0f', at) == string.sub(entry, 1, 13)
  end
  if not carried then pruned = pruned + redis.call('ZREM', KEYS[1], entry) end
end
return pruned`;

/**
 * KEYS: the documents. One command, because a pipeline of two costs the client several times as much where it shares
 * BullMQ's connection.
 */
const READ = `return {redis.call('TIME'), #KEYS > 0 and redis.call('MGET', unpack(KEYS)) or {}}`;

interface Scripts {
  recordsRead(keys: number, ...documents: string[]): Promise<[time: string[], documents: (string | null)[]]>;
  recordsCommit(keys: number, ...keysAndArguments: string[]): Promise<number>;
  recordsPrune(keys: number, ...keysAndArguments: string[]): Promise<number>;
}

/** Opens the store on a connection. Rejects with ioredis' own errors. */
export function openRedisStore({ redis, prefix = '{neptune-ops}', now }: RedisStoreOptions): Store {
  redis.defineCommand('recordsRead', { lua: READ });
  redis.defineCommand('recordsCommit', { lua: COMMIT });
  redis.defineCommand('recordsPrune', { lua: PRUNE });
  const scripts = redis as unknown as Scripts;
  const recordKey = (key: string): string => `${prefix}:r:${key}`;
  const indexKey = (index: string): string => `${prefix}:x:${index}`;

  let heard: { readonly at: number; readonly when: number; readonly wall: number } | undefined;

  function knownTime(): number | undefined {
    if (now) return now();
    if (heard === undefined) return undefined;
    const since = performance.now() - heard.when;
    // `performance.now` stands still while the machine sleeps, and the wall clock may be set. The time passed is known
    // only where the two agree.
    const agree = Math.abs(Date.now() - heard.wall - since) < 1_000;
    return agree && since < TIME_KNOWN_MS ? Math.trunc(heard.at + since) : undefined;
  }

  async function read(keys: readonly string[]) {
    const [[seconds, microseconds], texts] = await scripts.recordsRead(keys.length, ...keys.map(recordKey));
    const at = now ? now() : Number(seconds) * 1_000 + Math.trunc(Number(microseconds) / 1_000);
    heard = { at, when: performance.now(), wall: Date.now() };
    return { at, records: keys.map((key, i) => decode(key, texts[i])) };
  }

  async function commit(changes: readonly Change[]): Promise<Committed> {
    const { expects, documents, written, deleted, removed, added } = planCommit(changes);
    const moves = [...removed, ...added];
    const keys = [
      ...expects.map(({ of, is }) => (is === 'empty' ? indexKey(of) : recordKey(of))),
      ...documents.map(({ key }) => recordKey(key)),
      ...deleted.map(recordKey),
      ...moves.map(({ index }) => indexKey(index)),
    ];
    const refused = await scripts.recordsCommit(
      keys.length,
      ...keys,
      ...[expects, documents, deleted].map(({ length }) => String(length)),
      ...expects.map(wanted),
      ...documents.map(encode),
      ...removed.map(({ member }: Entry) => `-${member}`),
      ...added.map(({ member }: Entry) => `+${member}`),
    );
    return refused === 0 ? { ok: true, written } : { ok: false, refused: refused - 1 };
  }

  async function page<Value>(index: string, request: PageRequest): Promise<Page<Value>> {
    const { from, to } = stretchOf(request);
    const min = from ? `${from.inclusive ? '[' : '('}${from.place}` : '-';
    const max = to ? `${to.inclusive ? '[' : '('}${to.place}` : '+';
    // One more than asked for, to know whether the index goes on.
    const entries =
      request.order === 'newest'
        ? await redis.zrevrangebylex(indexKey(index), max, min, 'LIMIT', 0, request.limit + 1)
        : await redis.zrangebylex(indexKey(index), min, max, 'LIMIT', 0, request.limit + 1);
    const keys = entries.slice(0, request.limit).map(keyIn);
    const texts = keys.length > 0 ? await redis.mget(keys.map(recordKey)) : [];
    const documents = keys.map((key, i) => decode(key, texts[i]));
    return pageOf(index, request, entries, documents);
  }

  async function prune(index: string, entries: readonly Cursor[]): Promise<number> {
    const keys = [indexKey(index), ...entries.map((entry) => recordKey(keyIn(entry)))];
    return scripts.recordsPrune(keys.length, ...keys, index, ...entries);
  }

  async function close(): Promise<void> {
    // With Redis gone, `quit` waits in the offline queue of a connection that never comes back.
    const quit = redis.quit().catch(() => undefined);
    await Promise.race([quit, pause(CLOSE_WITHIN_MS, undefined, { ref: false })]);
    redis.disconnect();
  }

  return { read, knownTime, commit, page, count: (index) => redis.zcard(indexKey(index)), prune, close };
}

function wanted({ is }: Expectation): string {
  if (is === 'empty') return 'empty';
  return is === 'absent' ? '' : is.version;
}

/** Version, indexes, line feed, value. A script can read the first two without parsing the value. */
function encode({ version, indexes, text }: Document): string {
  return `${version}${JSON.stringify(indexes)}\n${text}`;
}

function decode(key: string, text: string | null | undefined): Stored | undefined {
  if (text === null || text === undefined) return undefined;
  const line = text.indexOf('\n');
  return {
    key,
    version: text.slice(0, VERSION_LENGTH),
    value: JSON.parse(text.slice(line + 1)) as unknown,
    indexes: JSON.parse(text.slice(VERSION_LENGTH, line)) as Indexes,
  };
}
