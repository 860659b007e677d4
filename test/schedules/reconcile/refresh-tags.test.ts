// Tags have no list in AWS, one call a resource: read early, read again in time, never too many at once.
import { beforeEach, describe, expect, it } from 'vitest';
import type { LedgerSpan } from '../../../src/schedules/ledger.ts';
import { readSpans } from '../../../src/schedules/report/savings.ts';
import type { Stored } from '../../../src/records/store.ts';
import type { ManagedResource } from '../../../src/schedules/managed-resource.ts';
import { inMemory } from '../../support/memory-store.ts';
import { type Account, useGround } from '../account.ts';
import { hour, minute, office } from '../sleeping.ts';

describe.each([inMemory])('on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  beforeEach(() => {
    account = ground().account();
    account.schedule(office(['sleep=yes']));
  });
  const add = (count: number, tags: Record<string, string> = {}) => {
    for (let n = 1; n <= count; n += 1) account.add(`dev-${n}`, { tags });
  };

  it('selects by tag, and reads no tags where none is asked for', async () => {
    add(2, { sleep: 'yes' });
    account.add('dev-3', { tags: { sleep: 'no' } });
    account.add('g-0000000001', { tags: { sleep: 'yes' } });
    await account.until('19:00');
    expect(account.news()).toEqual(['stop-db-cluster dev-1', 'stop-db-cluster dev-2']);
    expect(account.reads.tags).not.toContain('g-0000000001');
    account.reads.tags.length = 0;
    account.schedule(office(['dev-*']));
    await account.until('23:00');
    expect(account.reads.tags).toEqual([]);
  });

  it('reads new ones at once, a hundred a tick', async () => {
    add(130);
    const reads: number[] = [];
    for (const time of ['12:10', '12:20', '12:30']) {
      account.reads.tags.length = 0;
      await account.until(time);
      reads.push(account.reads.tags.length);
    }
    expect(reads.slice(0, 2)).toEqual([100, 30]);
    expect(
      new Set(
        (await Promise.all([...account.things.keys()].map((id) => account.managed(id)))).map(
          (each) => each?.tagsReadAt === undefined,
        ),
      ),
    ).toEqual(new Set([false]));
  });

  it('reads each anew before its tags are older than agreed, a few a tick', async () => {
    add(12);
    await account.until('12:10');
    for (let ticks = 0; ticks < 24; ticks += 1) {
      account.reads.tags.length = 0;
      await account.pass(account.tickMs);
      await account.main.tick();
      expect(account.reads.tags.length).toBeLessThanOrEqual(2);
      const now = account.clock.now();
      const { records } = await account.store.read(
        [...account.things.keys()].map((id) => `sleeper/default/db-cluster/${id}`),
      );
      const readAt = records.map((record) => (record as Stored<ManagedResource> | undefined)?.value.tagsReadAt ?? 0);
      expect(now - Math.min(...readAt)).toBeLessThanOrEqual(account.tagsMs);
    }
  });

  it('does not read the tags of a few all the time', async () => {
    add(2);
    account.tickMs = 5 * minute;
    await account.until('16:00');
    expect(account.reads.tags.length).toBeLessThanOrEqual(2 * 6);
  });

  it('selects nothing whose tags can’t be read, and does not let it hold up the others', async () => {
    add(12, { sleep: 'yes' });
    const odd = ['dev-1', 'dev-2', 'dev-3', 'dev-4', 'dev-5', 'dev-6'];
    account.trouble.tags = (id) => {
      if (odd.includes(id)) throw new Error('no');
    };
    await account.until('19:00');
    expect(account.news().sort()).toEqual([7, 8, 9, 10, 11, 12].map((n) => `stop-db-cluster dev-${n}`).sort());
    account.trouble = {};
    await account.until('19:10');
    expect(account.news()).toHaveLength(6);
  });

  it('keeps what it knows of one that can’t be read any more, while the others are read in turn', async () => {
    add(4, { sleep: 'yes' });
    await account.until('12:10');
    account.trouble.tags = (id) => {
      if (id === 'dev-1') throw new Error('no');
    };
    await account.until('18:50');
    account.reads.tags.length = 0;
    await account.until('20:50');
    expect(new Set(account.reads.tags)).toEqual(new Set(['dev-1', 'dev-2', 'dev-3', 'dev-4']));
    expect(account.news()).toContain('stop-db-cluster dev-1');
  });

  it('decides no longer once the tag is gone, from the very tick that reads it, and ends the span', async () => {
    add(1, { sleep: 'yes' });
    account.tagsMs = 10 * minute;
    await account.until('18:50');
    const from = account.clock.now() - 7 * hour;
    account.things.get('dev-1')!.tags = {};
    await account.until('19:00');
    await account.until('21:00');
    expect(account.news()).toEqual([]);
    const ends = (spans: LedgerSpan[]) => new Set(spans.map(({ to }) => to));
    const spans = await readSpans(account.store, from, account.clock.now());
    expect(Math.max(...ends(spans))).toBe(Date.parse('2026-11-20T19:00:00Z'));
    account.things.get('dev-1')!.tags = { sleep: 'yes' };
    await account.until('21:20');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
  });
});
