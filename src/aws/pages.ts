// Lists that AWS answers page by page, all of them or none: half a list looks like things that are gone.
import { CallTimeout, EndlessList } from './faults.ts';

interface PagedList<Item> {
  /** AWS's name of the call, for messages. */
  readonly action: string;
  /** Pages that are read at the most. */
  readonly most: number;
  /** For all pages together, in milliseconds. */
  readonly time: number;
  /** Reads one page; `from` is what the page before named as the next. */
  read(
    from: string | undefined,
    options: { abortSignal: AbortSignal },
  ): Promise<{ readonly items: readonly Item[] | undefined; readonly next: string | undefined }>;
}

/** Rejects with AWS's fault, with `EndlessList` where pages repeat or don't end, and with `CallTimeout`. */
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
