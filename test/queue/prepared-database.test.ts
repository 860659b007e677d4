// A first start from the prepared database: all of it or nothing, and for nobody else's eyes.
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { preparedDatabase } from '../../src/queue/prepared-database.ts';
import { openEmbeddedDatabase } from '../../src/records/embedded-database.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neptune-ops-first-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function tablesOf(prepared = preparedDatabase): Promise<string[]> {
  const database = await openEmbeddedDatabase({ folder, prepared });
  const { rows } = await database.query<{ name: string }>(
    `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
     WHERE table_schema IN ('neptune_ops', 'bullmq')`,
  );
  await database.close();
  return rows.map(({ name }) => name);
}

it('a new folder begins with all tables, and nobody else can read it', async () => {
  expect(await tablesOf()).toEqual(expect.arrayContaining(['neptune_ops.record', 'bullmq.job']));
  expect(statSync(join(folder, 'pg')).mode & 0o777).toBe(0o700);
});

it('what a start left half done is done anew', async () => {
  const draft = join(folder, 'pg.draft');
  mkdirSync(join(draft, 'base/1'), { recursive: true });
  writeFileSync(join(draft, 'PG_VERSION'), '');
  expect(await tablesOf()).toContain('neptune_ops.record');
  expect(existsSync(draft)).toBe(false);
});

it('a folder that cannot be filled stays without a database', async () => {
  const archive = await preparedDatabase();
  // The last entry claims more than there is place for: a name that no file can have.
  const broken = Buffer.from(archive);
  broken.write('no/such/folder\0', 0, 'utf8');
  await expect(tablesOf(async () => broken)).rejects.toThrow('ENOENT');
  expect(existsSync(join(folder, 'pg'))).toBe(false);
  expect(await tablesOf()).toContain('neptune_ops.record');
});
