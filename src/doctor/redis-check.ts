// Checks Redis: reachable, new enough, and configured not to lose data. It only reads.
import { Redis } from 'ioredis';
import type { Chapter } from './finding.ts';

/** The version that the store and BullMQ need. */
const leastVersion = [6, 2] as const;
/** How far Redis' clock and this one may differ: due times use the first, delays the second; milliseconds. */
const clockTolerance = 2_000;
const fullFrom = 0.8;
const timeout = 3_000;

export async function checkRedis(into: Chapter, url: string, now: () => number): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeout,
    commandTimeout: timeout,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: () => null,
  });
  let trouble: Error | undefined;
  redis.on('error', (error) => (trouble = error));
  try {
    const began = performance.now();
    await redis.connect();
    await redis.ping();
    into.fine('reachable', `in ${Math.ceil(performance.now() - began)} ms, at ${placeOf(redis)}`);
  } catch (error) {
    redis.disconnect();
    return unreachable(into, redis, trouble ?? (error as Error));
  }
  try {
    await checkState(into, redis, now);
  } catch (error) {
    into.wrong('state', `Redis does not say: ${(error as Error).message}`, 'Allow this user INFO and TIME in its ACL.');
  } finally {
    redis.disconnect();
  }
}

function unreachable(into: Chapter, redis: Redis, { message }: Error): void {
  const refused = /WRONGPASS|NOAUTH|NOPERM|invalid password/i.test(message);
  if (refused) return into.wrong('reachable', `${placeOf(redis)} refuses the user or password`, 'Correct REDIS_URL.');
  into.wrong(
    'reachable',
    `${placeOf(redis)} can't be reached: ${message}`,
    'Start Redis or correct REDIS_URL; look at firewalls and security groups.',
  );
}

async function checkState(into: Chapter, redis: Redis, now: () => number): Promise<void> {
  const before = now();
  const [seconds] = await redis.time();
  const half = (now() - before) / 2;
  const info = fieldsOf(await redis.info());
  checkVersion(into, info);
  const settings = await settingsOf(redis, info);
  checkEviction(into, settings);
  checkPersistence(into, settings);
  checkSaving(into, info);
  checkMemory(into, info);
  if (info['role'] === 'slave' || info['role'] === 'replica') {
    into.wrong('role', 'it is a replica, and can not be written to', 'Name the primary in REDIS_URL.');
  }
  // TIME is cut to whole seconds, so half a second is added.
  const off = Number(seconds) * 1_000 + 500 - (before + half);
  const apart = Math.abs(off) <= 1_000 ? 'less than a second' : `${Math.round(Math.abs(off) / 1_000)} s`;
  if (Math.abs(off) <= clockTolerance + 500) return into.fine('clock', `${apart} from the one here`);
  into.wrong(
    'clock',
    `it is ${apart} ${off > 0 ? 'ahead of' : 'behind'} the one here; jobs come too ${off > 0 ? 'early' : 'late'}`,
    'Let both machines keep time: chronyc tracking, or timedatectl set-ntp true',
  );
}

function checkVersion(into: Chapter, info: Fields): void {
  const version = info['redis_version'] ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > leastVersion[0] || (major === leastVersion[0] && minor >= leastVersion[1]);
  if (isEnough) return into.fine('version', version);
  into.wrong('version', `${version} is too old`, `Bring Redis up to ${leastVersion.join('.')} or later; 7 is best.`);
}

type Fields = Readonly<Record<string, string>>;

/** Parses `INFO`: one `name:value` per line. */
function fieldsOf(info: string): Fields {
  return Object.fromEntries(info.split('\r\n').flatMap((line) => (line.includes(':') ? [line.split(/:(.*)/s)] : [])));
}

interface Settings {
  readonly policy: string | undefined;
  readonly aof: boolean | undefined;
  /** Unknown where Redis doesn't allow reading its settings, as managed ones don't. */
  readonly fsync: string | undefined;
}

async function settingsOf(redis: Redis, info: Fields): Promise<Settings> {
  const ask = async (name: string) =>
    ((await redis.config('GET', name).catch(() => [])) as string[])[1] as string | undefined;
  const aof =
    (await ask('appendonly')) ?? (info['aof_enabled'] === undefined ? undefined : info['aof_enabled'] === '1');
  return {
    policy: (await ask('maxmemory-policy')) ?? info['maxmemory_policy'],
    aof: typeof aof === 'string' ? aof === 'yes' : aof,
    fsync: await ask('appendfsync'),
  };
}

const command = (name: string, value: string) =>
  `redis-cli config set ${name} ${value}; and in redis.conf: ${name} ${value}`;

function checkEviction(into: Chapter, { policy }: Settings): void {
  if (policy === undefined)
    return into.untried('maxmemory-policy', 'Redis does not let it be read; it must be noeviction');
  if (policy === 'noeviction') return into.fine('maxmemory-policy', policy);
  into.wrong(
    'maxmemory-policy',
    `${policy}: Redis drops jobs when its memory is full`,
    command('maxmemory-policy', 'noeviction'),
  );
}

function checkPersistence(into: Chapter, { aof, fsync }: Settings): void {
  if (aof === undefined) return into.untried('appendonly', 'Redis does not let it be read; it should be yes');
  if (!aof) return into.wrong('appendonly', 'no: Redis forgets jobs when it restarts', command('appendonly', 'yes'));
  if (fsync === 'no') {
    const says = 'appendfsync no: a power loss takes back what was accepted half a minute before';
    return into.wrong('appendonly', says, command('appendfsync', 'everysec'));
  }
  const second = fsync === 'everysec' ? ': a power loss costs a second; for fast-reset, always is safer' : '';
  into.fine('appendonly', `yes, appendfsync ${fsync ?? 'not known'}${second}`);
}

function checkSaving(into: Chapter, info: Fields): void {
  const failing = ['rdb_last_bgsave_status', 'aof_last_write_status'].filter((name) => info[name] === 'err');
  if (failing.length === 0) return;
  into.wrong(
    'saving',
    `${failing.join(' and ')}: err. Redis can’t save to its disk, and takes no writes until it can`,
    'Make room on the disk, and look at Redis’ own log.',
  );
}

function checkMemory(into: Chapter, info: Fields): void {
  const [used, most] = [Number(info['used_memory'] ?? 0), Number(info['maxmemory'] ?? 0)];
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_048_576)} MB`;
  if (most === 0) return into.fine('memory', `${megabytes(used)} used, no limit set`);
  const says = `${megabytes(used)} of ${megabytes(most)} used`;
  if (used < fullFrom * most) return into.fine('memory', says);
  into.wrong(
    'memory',
    `${says}: when it is full, no job is accepted`,
    'Raise maxmemory, or lower NEPTUNE_OPS_KEEP_DAYS.',
  );
}

/** The address without user and password. */
function placeOf({ options: { host = 'localhost', port = 6379, db = 0, tls } }: Redis): string {
  return `${host}:${port}/${db}${tls ? ' (TLS)' : ''}`;
}
