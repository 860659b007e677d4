// An index longer than a page, from end to end.
import { describe, expect, it, vi } from 'vitest';
import { indexPages, indexRecords } from '../../src/records/walk-index.ts';
import { createMemoryStore } from '../support/memory-store.ts';

async function filled(count: number) {
  const store = createMemoryStore(Date.now);
  for (let number = 0; number < count; number += 1) {
    await store.commit([{ op: 'create', key: `k${number}`, value: number, indexes: { all: number } }]);
  }
  return { store, page: vi.spyOn(store, 'page') };
}

describe('the walk through an index', () => {
  it('meets every record once, oldest first, a thousand a round trip', async () => {
    const { store, page } = await filled(2_001);
    const met: number[] = [];
    for await (const { value } of indexRecords<number>(store, 'all')) met.push(value);
    expect(met).toEqual(Array.from({ length: 2_001 }, (_, number) => number));
    expect(page).toHaveBeenCalledTimes(3);
  });

  it('meets nothing in an index that is empty', async () => {
    const { store } = await filled(0);
    for await (const record of indexRecords(store, 'all')) expect(record).toBeUndefined();
  });

  it('keeps to the times it was given', async () => {
    const { store } = await filled(9);
    const met: number[] = [];
    for await (const { value } of indexRecords<number>(store, 'all', { since: 3, until: 5 })) met.push(value);
    expect(met).toEqual([3, 4, 5]);
  });

  it('goes on from where it was told, and reads no page that nobody asks for', async () => {
    const { store, page } = await filled(9);
    const first = await store.page('all', { order: 'newest', limit: 2 });
    const pages = indexPages<number>(store, 'all', { order: 'newest', limit: 3, after: first.next ?? '' });
    const records = (await pages.next()).value?.records;
    expect(records?.map(({ value }) => value)).toEqual([6, 5, 4]);
    await pages.return();
    expect(page).toHaveBeenCalledTimes(2);
  });
});
