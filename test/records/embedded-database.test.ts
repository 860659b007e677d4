// The embedded database as a guest on a machine: reopened, killed, opened twice, busy, and vacuumed. Each test has a folder
// and a copy of an empty database of its own.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../src/records/embedded-database.ts';
import { openEmbeddedStore } from '../../src/records/embedded-store.ts';
import { built } from '../support/built.ts';
import { type Child, startChild } from '../support/child.ts';
import { newDataFolder } from '../support/data-folder.ts';

const CHILD = built('test/support/committing-child.ts');

describe('the embedded database', () => {
  let folder: string;
  const databases: EmbeddedDatabase[] = [];
  const children: Child[] = [];

  beforeEach(async () => {
    folder = await newDataFolder();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(databases.splice(0).map((database) => database.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(options: { vacuumEveryMs?: number } = {}): Promise<EmbeddedDatabase> {
    const database = await openEmbeddedDatabase({ folder, ...options });
    databases.push(database);
    return database;
  }

  /** A child that commits pairs; `printed` grows with what it says was committed. */
  async function startCommitting() {
    const child = startChild([CHILD, folder], {});
    children.push(child);
    // One line when it has opened the database, and one for each commit.
    const until = (commits: number) =>
      child.until(`${commits} commits`, (printed) => (printed.split('\n').length > commits + 1 ? true : undefined));
    await until(0);
    const kill = async (): Promise<number[]> => {
      await child.end('SIGKILL');
      return child.printed().split('\n').slice(1, -1).map(Number);
    };
    return { pid: child.pid, until, kill };
  }

  it('keeps its content over close and reopen, with fsync on', async () => {
    const first = await open();
    const store = await openEmbeddedStore({ database: first });
    const made = await store.commit([{ op: 'create', key: 'a', value: { n: 1 }, indexes: { x: 5 } }]);
    await first.close();
    await expect(first.query('SELECT 1')).rejects.toThrow('closed');

    const second = await open();
    expect((await second.query('SHOW fsync')).rows).toEqual([{ fsync: 'on' }]);
    const again = await openEmbeddedStore({ database: second });
    expect((await again.read(['a'])).records).toEqual(made.ok ? made.written : 'not made');
    expect(await again.count('x')).toBe(1);
  });

  it('keeps every answered commit, and no half one, when its process is killed in the middle', async () => {
    const answered = new Set<number>();
    for (const commits of [40, 50, 50]) {
      const child = await startCommitting();
      await child.until(commits);
      await pause(Math.random() * 20);
      for (const i of await child.kill()) answered.add(i);
    }
    expect(answered.size).toBeGreaterThanOrEqual(140);

    const store = await openEmbeddedStore({ database: await open() });
    const keys = await allKeys(store);
    for (const i of answered) expect(keys.has(`a${i}`) && keys.has(`b${i}`), `pair ${i}`).toBe(true);
    const unanswered = (keys.size - 2 * answered.size) / 2;
    expect(Number.isInteger(unanswered)).toBe(true);
    expect(unanswered).toBeLessThanOrEqual(3);
  });

  async function allKeys(store: Awaited<ReturnType<typeof openEmbeddedStore>>): Promise<Set<string>> {
    const keys = new Set<string>();
    let after: string | undefined;
    do {
      const page = await store.page('x', { order: 'oldest', limit: 1_000, ...(after !== undefined && { after }) });
      expect(page.stale).toEqual([]);
      for (const { key } of page.records) keys.add(key);
      after = page.next;
    } while (after !== undefined);
    return keys;
  }

  it('refuses a folder that another process has open, and says which, by whom and what to do', async () => {
    const child = await startCommitting();
    const refusal = await open().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'FolderInUseError', folder, pid: child.pid });
    expect((refusal as Error).message).toContain(folder);
    expect((refusal as Error).message).toContain(`pid ${child.pid}`);
    expect((refusal as Error).message).toContain('Stop that process, or choose another folder');
  });

  it('refuses to open a folder twice in one process, and opens it again once it is closed', async () => {
    const first = await open();
    await expect(open()).rejects.toThrow(`in use by this process (pid ${process.pid})`);
    await first.close();
    await open();
  });

  it('lets one of two have it that open it at once', async () => {
    writeFileSync(join(folder, 'owner.pid'), '999999999 1');
    const answers = await Promise.allSettled([open(), open(), open()]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it.skipIf(process.platform !== 'linux')(
    'takes over the lock of a dead process whose pid another one got',
    async () => {
      writeFileSync(join(folder, 'owner.pid'), `${process.ppid} 1`);
      await open();
      expect(readFileSync(join(folder, 'owner.pid'), 'utf8')).toMatch(new RegExp(`^${process.pid} \\d+$`));
    },
  );

  it('gives the folder back when it can not be opened', async () => {
    renameSync(join(folder, 'pg'), join(folder, 'aside'));
    writeFileSync(join(folder, 'pg'), 'not a folder');
    await expect(open()).rejects.toThrow();
    rmSync(join(folder, 'pg'));
    renameSync(join(folder, 'aside'), join(folder, 'pg'));
    await open();
  });

  it('keeps timers firing under load', async () => {
    const database = await open();
    const load = { on: true, done: 0 };
    // Ends by itself too: with timers starved, nothing else would ever end it.
    const work = async (): Promise<void> => {
      for (; load.on && load.done < 20_000; load.done += 1) await database.query('SELECT $1::int', [1]);
    };
    const workers = [work(), work(), work()];
    const meanwhile: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const before = load.done;
      await pause(5);
      meanwhile.push(load.done - before);
    }
    load.on = false;
    await Promise.all(workers);
    // Five milliseconds are some ten statements on any machine that computes; starved, it would be all of them.
    expect(Math.max(...meanwhile)).toBeLessThan(500);
    expect(load.done).toBeGreaterThan(20);
  });

  it('lets nobody between the statements of exclusive work', async () => {
    const database = await open();
    await database.query('CREATE TABLE t (n int)');
    const undone = database.exclusive(async (query) => {
      await query('BEGIN');
      await pause(20);
      await query('ROLLBACK');
    });
    await Promise.all([undone, database.query('INSERT INTO t VALUES (1)')]);
    expect((await database.query('SELECT n FROM t')).rows).toEqual([{ n: 1 }]);
  });

  it('goes on after a statement that fails', async () => {
    const database = await open();
    const [wrong, right] = await Promise.allSettled([
      database.query('SELECT nonsense'),
      database.query('SELECT 1 AS n'),
    ]);
    expect(wrong).toMatchObject({ status: 'rejected', reason: { code: '42703' } });
    expect(right).toMatchObject({ status: 'fulfilled', value: { rows: [{ n: 1 }] } });
  });

  it('vacuums the tables it was given, by itself', async () => {
    const database = await open({ vacuumEveryMs: 100 });
    await openEmbeddedStore({ database });
    const vacuumed = async (): Promise<string[]> => {
      const { rows } = await database.query<{ relname: string }>(
        `SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'neptune_ops' AND vacuum_count > 0
         AND analyze_count > 0 ORDER BY relname`,
      );
      return rows.map(({ relname }) => relname);
    };
    await expect.poll(vacuumed).toEqual(['record', 'record_index']);
  });
});
