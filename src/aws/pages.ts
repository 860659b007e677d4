// Reads AWS's lists page by page, completely or not at all: in half a list, resources would look deleted.
import { CallTimeout, EndlessList } from './faults.ts';

interface PagedList<Item> {
  /** AWS's name of the call, for messages. */
  readonly action: string;
  /** The limit of pages. */
  readonly most: number;
  /** Time limit for all pages together; milliseconds. */
  readonly time: number;
  /** Reads one page. `from` is the token from the page before. */
  read(
    from: string | undefined,
    options: { abortSignal: AbortSignal },
  ): Promise<{ readonly items: readonly Item[] | undefined; readonly next: string | undefined }>;
}

/** Rejects with AWS's fault, with `EndlessList` if pages repeat or don't end, or with `CallTimeout`. */
export async function readAllPages<Item>({ action, most, time, read }: PagedList<Item>): Promise<Item[]> {
  const all: Item[] = [];
  const began = performance.now();
  const abortSignal = AbortSignal.timeout(time);
  const named = new Set<string>();
  let from: string | undefined;
  for (let page = 0; page < most; page += 1) {
    const { items = [], next } = await read(from, { abortSignal });
    for (const item of items) all.push(item);
    if (!next) return all;
    if (named.has(next)) throw new EndlessList(action, 'names a page twice');
    named.add(next);
    from = next;
    if (performance.now() - began > time) throw new CallTimeout(action, performance.now() - began, true);
  }
  throw new EndlessList(action, `has more than ${most} pages`);
}
