// An index from where a request begins to its end, one page after the other.
import type { Page, PageRequest, Store, Stored } from './store.ts';

/** The pages of an index, each read when it is asked for. Rejects with the store's errors. */
export async function* indexPages<Value>(
  store: Store,
  index: string,
  request: PageRequest,
): AsyncGenerator<Page<Value>, void> {
  let place: Pick<PageRequest, 'after'> | undefined = {};
  while (place !== undefined) {
    const page: Page<Value> = await store.page<Value>(index, { ...request, ...place });
    yield page;
    place = page.next === undefined ? undefined : { after: page.next };
  }
}

/** The records of an index, oldest first, a thousand a round trip. Rejects with the store's errors. */
export async function* indexRecords<Value>(
  store: Store,
  index: string,
  within: Pick<PageRequest, 'since' | 'until'> = {},
): AsyncGenerator<Stored<Value>, void> {
  for await (const { records } of indexPages<Value>(store, index, { ...within, order: 'oldest', limit: 1_000 })) {
    yield* records;
  }
}
