// Everything in a store as text, to search in: every key of a Redis, every row of every table of a folder.
import { Redis } from 'ioredis';
import { openEmbeddedDatabase } from '../../src/records/embedded-database.ts';

export async function wholeRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  const readers: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
    string: (key) => redis.get(key),
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    zset: (key) => redis.zrange(key, 0, -1),
    stream: (key) => redis.xrange(key, '-', '+'),
  };
  const found: unknown[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    const read = readers[type];
    if (read === undefined) throw new Error(`${key} is a ${type}, which nobody can read here`);
    found.push(key, await read(key));
  }
  redis.disconnect();
  return JSON.stringify(found);
}

/** For a folder that nobody has open. */
export async function wholeFolder(folder: string): Promise<string> {
  const database = await openEmbeddedDatabase({ folder });
  const { rows: tables } = await database.query<{ name: string }>(
    `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) AS name FROM information_schema.tables
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const found: unknown[] = [];
  for (const { name } of tables) {
    const { rows } = await database.query<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${name} t`);
    found.push(name, rows);
  }
  await database.close();
  return JSON.stringify(found);
}
