// Connections to Redis that are replaced when their server doesn't answer, or may no longer be the primary after a
// failover.
import { Redis, type RedisOptions } from 'ioredis';
import { isElsewhere } from './store-trouble.ts';

/**
 * The shortest and the longest time between two reconnections because of a server's answer; milliseconds. If there is
 * no other server, the answer stays the same, and each reconnection disturbs reads.
 */
const reconnectEvery = { first: 1_000, longest: 5_000 };
const calmAfter = 60_000;

/** The options of one connection. They can't be shared. */
function reconnecting(): RedisOptions {
  let last = -Infinity;
  let wait = reconnectEvery.first;
  return {
    connectTimeout: 3_000,
    // A dead socket doesn't close by itself.
    disconnectTimeout: 500,
    maxLoadingRetryTime: 1_000,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
    reconnectOnError(error) {
      const since = performance.now() - last;
      if (!isElsewhere(error) || since < wait) return false;
      wait = since > calmAfter ? reconnectEvery.first : Math.min(wait * 2, reconnectEvery.longest);
      last = performance.now();
      return true;
    },
  };
}

/**
 * A connection whose commands fail at once while it is down. Its `connect` waits for a server that loads its data.
 * `timeout`: how long it waits for an answer before it drops the connection; milliseconds.
 */
export function failFastConnection(url: string, timeout: number): Redis {
  const redis = new Redis(url, {
    ...reconnecting(),
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: timeout,
    socketTimeout: timeout,
  });
  forgetTimeout(redis);
  redis.once('ready', () => boundHandshake(redis, timeout));
  return redis;
}

/**
 * A connection to the same place whose commands wait while it is down. A duplicate of it may block: BullMQ does that,
 * and drops it when its answer is overdue by a second.
 */
export function patientConnection(like: Redis, timeout: number): Redis {
  const make = (more: RedisOptions): Redis => {
    const redis = new Redis({ ...placeOf(like), ...reconnecting(), maxRetriesPerRequest: null, ...more });
    forgetTimeout(redis);
    boundHandshake(redis, timeout);
    return redis;
  };
  const redis = make({ socketTimeout: timeout });
  const duplicates = new Set<Redis>();
  redis.duplicate = (more = {}) => {
    const duplicate = make(more);
    duplicates.add(duplicate);
    return duplicate;
  };
  // The reason to reconnect holds for all connections. The blocking ones would notice it only at the end of their wait.
  redis.on('reconnecting', () => {
    for (const duplicate of duplicates) if (duplicate.status === 'ready') duplicate.disconnect(true);
  });
  return redis;
}

/** Without this, ioredis' timer for an answer on an ended connection would drop the next one. */
function forgetTimeout(redis: Redis): void {
  redis.on('close', () => {
    clearTimeout(redis['socketTimeoutTimer'] as NodeJS.Timeout | undefined);
    redis['socketTimeoutTimer'] = undefined;
  });
}

/** A server that accepts the connection but doesn't become ready may be the wrong one to wait for. */
function boundHandshake(redis: Redis, timeout: number): void {
  let timer: NodeJS.Timeout | undefined;
  redis.on('connect', () => {
    timer = setTimeout(() => redis.status === 'connect' && redis.disconnect(true), timeout).unref();
  });
  for (const event of ['ready', 'close']) redis.on(event, () => clearTimeout(timer));
}

/**
 * A connection's address as options, taken from the parsed URL, query included, so that all connections use the same
 * database.
 */
function placeOf({ options }: Redis): RedisOptions {
  const { host, port, db, username, password, family, tls } = options;
  const place = { host, port, db, username, password, family, tls };
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined && value !== null));
}
