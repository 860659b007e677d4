// Connections to Redis that are made anew when the server at their other end may be the wrong one by now (after a failover
// the address leads elsewhere), or doesn't answer any more.
import { Redis, type RedisOptions } from 'ioredis';
import { isElsewhere } from './store-trouble.ts';

/**
 * Between two reconnections because of what a server answered, at first and at most; milliseconds. Where there is no other
 * server it answers the same again, and what it does do, reading, suffers from each.
 */
const reconnectEvery = { first: 1_000, longest: 5_000 };
const calmAfter = 60_000;

/** Options of one connection, which are not to be shared with another. */
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
 * A connection whose commands fail at once while it isn't there. Made by its `connect`, which waits for a server that loads
 * its data. `timeout`: how long an answer is waited for before the connection is dropped; milliseconds.
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
 * A connection to the same place whose commands wait for as long as it isn't there. A duplicate of it may block: BullMQ lets
 * it, and drops it when its answer is overdue by a second.
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
  // What made this one leave holds for all, which would notice it only once they need not block any more.
  redis.on('reconnecting', () => {
    for (const duplicate of duplicates) if (duplicate.status === 'ready') duplicate.disconnect(true);
  });
  return redis;
}

/** Without this, ioredis' timer for the answer of a connection that has ended would drop the next one. */
function forgetTimeout(redis: Redis): void {
  redis.on('close', () => {
    clearTimeout(redis['socketTimeoutTimer'] as NodeJS.Timeout | undefined);
    redis['socketTimeoutTimer'] = undefined;
  });
}

/** A server that is connected to and doesn't become ready, wedged or loading, may not be the one to wait for. */
function boundHandshake(redis: Redis, timeout: number): void {
  let timer: NodeJS.Timeout | undefined;
  redis.on('connect', () => {
    timer = setTimeout(() => redis.status === 'connect' && redis.disconnect(true), timeout).unref();
  });
  for (const event of ['ready', 'close']) redis.on(event, () => clearTimeout(timer));
}

/** Where a connection leads, as options. Taken from what the URL became, query and all, so that all are in one place. */
function placeOf({ options }: Redis): RedisOptions {
  const { host, port, db, username, password, family, tls } = options;
  const place = { host, port, db, username, password, family, tls };
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined && value !== null));
}
