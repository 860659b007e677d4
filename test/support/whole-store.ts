// Everything in a store as text, to search in: every key of a Redis, every row of every table of a folder.
import { Redis } from 'ioredis';
import { openEmbeddedDatabase } from '../../src/records/embedded-database.ts';

/** In one script, for which time stands still: keys expire, and one that is listed may be gone when it is read. */
const readAll = `
local read = {
  string = {'GET'}, hash = {'HGETALL'}, list = {'LRANGE', 0, -1}, set = {'SMEMBERS'}, zset = {'ZRANGE', 0, -1},
  stream = {'XRANGE', '-', '+'}
}
local found = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  local type = redis.call('TYPE', key).ok
  local command = read[type]
  if command == nil then return redis.error_reply(key .. ' is a ' .. type .. ', which nobody can read here') end
  table.insert(found, key)
  table.insert(found, redis.call(command[1], key, unpack(command, 2)))
end
return found`;

export async function wholeRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    return JSON.stringify(await redis.eval(readAll, 0));
  } finally {
    redis.disconnect();
  }
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
