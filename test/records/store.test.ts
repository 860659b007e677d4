// The contract of a store, held against each adapter: the same sentences.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Change, type Cursor, cursorOf, type Store, type Stored } from '../../src/records/store.ts';
import { type OpenStore, storeKinds } from '../support/stores.ts';

describe.each(storeKinds())('a store on $name', ({ open }) => {
  let opened: OpenStore;
  let store: Store;
  let clock: number | undefined;
  let run = 0;
  /** A name no other test uses. */
  let my: (name: string) => string;

  beforeAll(async () => {
    opened = await open();
    store = opened.store;
  });
  afterAll(() => opened?.close());
  beforeEach(() => {
    clock = undefined;
    run += 1;
    const test = run;
    my = (name) => `${test}/${name}`;
  });

  async function one(key: string): Promise<Stored | undefined> {
    return (await store.read([key])).records[0];
  }

  async function written(change: Change): Promise<Stored> {
    const answer = await store.commit([change]);
    const document = answer.ok ? answer.written[0] : undefined;
    if (!document) throw new Error(`${JSON.stringify(change)} wrote nothing: ${JSON.stringify(answer)}`);
    return document;
  }

  const create = (key: string, value: unknown, indexes = {}): Promise<Stored> =>
    written({ op: 'create', key, value, indexes });

  describe('reading', () => {
    it('answers documents in the order asked, undefined for absent ones, and the time', async () => {
      const a = await create(my('a'), { n: 1 });
      const b = await create(my('b'), { n: 2 });
      const before = Date.now();
      const { at, records } = await store.read([my('b'), my('nobody'), my('a'), my('b')]);
      expect(records).toEqual([b, undefined, a, b]);
      expect(at).toBeGreaterThanOrEqual(before - 50);
      expect(at).toBeLessThanOrEqual(Date.now() + 50);
      expect(Number.isInteger(at)).toBe(true);
    });

    it('answers the time alone when asked for no documents', async () => {
      expect((await store.read([])).records).toEqual([]);
    });

    it('can have its clock turned', async () => {
      clock = 42;
      const turned = await open({ now: () => clock ?? 0 });
      expect((await turned.store.read(['x'])).at).toBe(42);
      expect(turned.store.knownTime()).toBe(42);
      await turned.close();
    });
  });

  describe('each kind of change', () => {
    it('creates a document that is not there, and refuses one that is', async () => {
      const key = my('a');
      const first = await create(key, { n: 1 }, { [my('x')]: 5 });
      expect(first).toMatchObject({ key, value: { n: 1 }, indexes: { [my('x')]: 5 } });
      expect(await store.commit([{ op: 'create', key, value: { n: 2 } }])).toEqual({ ok: false, refused: 0 });
      expect(await one(key)).toEqual(first);
    });

    it('replaces the version that was read, and no other', async () => {
      const was = await create(my('a'), 1, { [my('x')]: 1, [my('y')]: 2 });
      const now = await written({ op: 'replace', was, value: 2, indexes: { [my('y')]: 3 } });
      expect(await one(my('a'))).toEqual(now);
      expect(await store.count(my('x'))).toBe(0);
      expect((await store.page(my('y'), { order: 'newest', limit: 9 })).records).toEqual([now]);
      expect(await store.commit([{ op: 'replace', was, value: 3 }])).toEqual({ ok: false, refused: 0 });
      expect((await one(my('a')))?.value).toBe(2);
    });

    it('takes a replaced document without indexes out of all', async () => {
      const was = await create(my('a'), 1, { [my('x')]: 1 });
      expect((await written({ op: 'replace', was, value: 2 })).indexes).toEqual({});
      expect(await store.count(my('x'))).toBe(0);
    });

    it('deletes the version that was read, with its entries, and no other', async () => {
      const was = await create(my('a'), 1, { [my('x')]: 1 });
      const now = await written({ op: 'replace', was, value: 2, indexes: { [my('x')]: 1 } });
      expect(await store.commit([{ op: 'delete', was }])).toEqual({ ok: false, refused: 0 });
      expect(await store.commit([{ op: 'delete', was: now }])).toEqual({ ok: true, written: [undefined] });
      expect(await one(my('a'))).toBeUndefined();
      expect(await store.count(my('x'))).toBe(0);
      expect(await store.commit([{ op: 'delete', was: now }])).toEqual({ ok: false, refused: 0 });
    });

    it('checks that a document is unchanged', async () => {
      const was = await create(my('a'), 1);
      expect(await store.commit([{ op: 'check', was }])).toEqual({ ok: true, written: [undefined] });
      const now = await written({ op: 'replace', was, value: 1 });
      expect(await store.commit([{ op: 'check', was }])).toEqual({ ok: false, refused: 0 });
      await store.commit([{ op: 'delete', was: now }]);
      expect(await store.commit([{ op: 'check', was: now }])).toEqual({ ok: false, refused: 0 });
    });

    it('checks that a document is absent', async () => {
      expect(await store.commit([{ op: 'absent', key: my('a') }])).toEqual({ ok: true, written: [undefined] });
      await create(my('a'), 1);
      expect(await store.commit([{ op: 'absent', key: my('a') }])).toEqual({ ok: false, refused: 0 });
    });

    it('checks that an index is empty', async () => {
      expect(await store.commit([{ op: 'empty', index: my('x') }])).toEqual({ ok: true, written: [undefined] });
      const was = await create(my('a'), 1, { [my('x')]: 1 });
      expect(await store.commit([{ op: 'empty', index: my('x') }])).toEqual({ ok: false, refused: 0 });
      await written({ op: 'replace', was, value: 1 });
      expect((await store.commit([{ op: 'empty', index: my('x') }])).ok).toBe(true);
    });

    it('does nothing in an empty commit', async () => {
      expect(await store.commit([])).toEqual({ ok: true, written: [] });
    });
  });

  describe('a commit', () => {
    it('applies nothing when its last change is refused, and says which', async () => {
      const a = await create(my('a'), 1, { [my('x')]: 1 });
      const b = await create(my('b'), 1, { [my('x')]: 2 });
      const answer = await store.commit([
        { op: 'create', key: my('c'), value: 1, indexes: { [my('x')]: 3 } },
        { op: 'replace', was: a, value: 2 },
        { op: 'delete', was: b },
        { op: 'absent', key: my('d') },
        { op: 'empty', index: my('x') },
      ]);
      expect(answer).toEqual({ ok: false, refused: 4 });
      expect((await store.read([my('a'), my('b'), my('c')])).records).toEqual([a, b, undefined]);
      expect((await store.page(my('x'), { order: 'oldest', limit: 9 })).records).toEqual([a, b]);
    });

    it('judges all changes by what was there before it', async () => {
      const was = await create(my('a'), 1, { [my('x')]: 1 });
      const answer = await store.commit([
        { op: 'delete', was },
        { op: 'empty', index: my('x') },
      ]);
      expect(answer).toEqual({ ok: false, refused: 1 });
    });

    it('writes versions that never repeat, also for equal values', async () => {
      const versions = new Set<string>();
      let was = await create(my('a'), 'same');
      for (let i = 0; i < 50; i += 1) {
        versions.add(was.version);
        was = await written({ op: 'replace', was, value: 'same' });
      }
      expect(versions.size).toBe(50);
    });

    it('answers what a read will give', async () => {
      const value = { left: undefined, date: new Date(0), list: [undefined, Number.NaN] };
      const document = await create(my('a'), value, { [my('x')]: 7.9 });
      expect(document.value).toEqual({ date: '1970-01-01T00:00:00.000Z', list: [null, null] });
      expect(await one(my('a'))).toEqual(document);
    });

    it('lets exactly one of 300 at once change a document', async () => {
      const was = await create(my('turn'), { holder: 'nobody' });
      const answers = await Promise.all(
        Array.from({ length: 300 }, (_, i) =>
          store.commit([
            { op: 'create', key: my(`job-${i}`), value: i, indexes: { [my('jobs')]: i } },
            { op: 'replace', was, value: { holder: i } },
          ]),
        ),
      );
      const winners = answers.flatMap((answer, i) => (answer.ok ? [i] : []));
      expect(winners).toHaveLength(1);
      expect(answers.filter((answer) => !answer.ok && answer.refused === 1)).toHaveLength(299);
      expect((await one(my('turn')))?.value).toEqual({ holder: winners[0] });
      expect(await store.count(my('jobs'))).toBe(1);
    });

    it('refuses what it could not keep', async () => {
      const make = (indexes: Record<string, number>) =>
        store.commit([{ op: 'create', key: my('a'), value: 1, indexes }]);
      await expect(make({ x: -1 })).rejects.toThrow(RangeError);
      await expect(make({ x: Number.NaN })).rejects.toThrow(RangeError);
      await expect(make({ x: 10_000_000_000_000 })).rejects.toThrow(RangeError);
      await expect(store.commit([{ op: 'create', key: my('a'), value: undefined }])).rejects.toThrow(TypeError);
      const twice: Change = { op: 'absent', key: my('a') };
      await expect(store.commit([twice, twice])).rejects.toThrow(RangeError);
      expect(await one(my('a'))).toBeUndefined();
    });
  });

  describe('keys and values', () => {
    const texts = [
      'Zürich/ß',
      '日本語',
      '🦑',
      'a"b\\c\'d',
      '{x},y',
      '',
      'NULL',
      ' ',
      '$1',
      '%s\n',
      '\\u0000',
      '\u{10ffff}',
    ];

    it.each(texts)('keeps %j as a key, an index and a value', async (text) => {
      const document = await create(my(text), { [text]: text }, { [my(text)]: 3 });
      expect(await one(my(text))).toEqual(document);
      expect((await store.page(my(text), { order: 'newest', limit: 1 })).records).toEqual([document]);
      expect(await store.prune(my(text), [cursorOf(3, my(text))])).toBe(0);
      await store.commit([{ op: 'delete', was: document }]);
      expect(await store.count(my(text))).toBe(0);
    });

    it('keeps a NUL and half a surrogate pair inside a value', async () => {
      const document = await create(my('a'), { odd: '\0\ud83e' });
      expect((await one(my('a')))?.value).toEqual({ odd: '\0\ud83e' });
      expect(document.value).toEqual({ odd: '\0\ud83e' });
    });

    it.each([null, false, 0, '', [], {}, 1e300, -0.1, 9_007_199_254_740_991])(
      'keeps the bare value %j',
      async (value) => {
        await create(my('a'), value);
        expect((await one(my('a')))?.value).toEqual(value);
      },
    );

    it('keeps 200 kB', async () => {
      const value = { text: 'ü"\\\n'.repeat(40_000) };
      const document = await create(my('big'), value, { [my('x')]: 1 });
      expect((await one(my('big')))?.value).toEqual(value);
      expect(await store.prune(my('x'), [cursorOf(1, my('big'))])).toBe(0);
      await written({ op: 'replace', was: document, value: { text: 'x'.repeat(200_000) } });
    });

    it('keeps a thousand and a half nested lists', async () => {
      const value = JSON.parse('['.repeat(1_500) + ']'.repeat(1_500)) as unknown;
      await create(my('deep'), value, { [my('x')]: 1 });
      expect((await one(my('deep')))?.value).toEqual(value);
      expect(await store.prune(my('x'), [cursorOf(1, my('deep'))])).toBe(0);
    });
  });

  describe('a page', () => {
    async function walk(index: string, order: 'newest' | 'oldest', limit: number): Promise<string[][]> {
      const pages: string[][] = [];
      let after: Cursor | undefined;
      do {
        const page = await store.page(index, { order, limit, ...(after !== undefined && { after }) });
        pages.push(page.records.map(({ key }) => key.split('/')[1] ?? ''));
        after = page.next;
      } while (after !== undefined);
      return pages;
    }

    it('goes newest or oldest first, ties in the order of the keys, to an end without an empty page', async () => {
      const times = { a: 10, b: 20, c: 20, d: 20, e: 9_999_999_999_999, f: 0 };
      for (const [key, at] of Object.entries(times)) await create(my(key), key, { [my('x')]: at });
      expect(await walk(my('x'), 'oldest', 2)).toEqual([
        ['f', 'a'],
        ['b', 'c'],
        ['d', 'e'],
      ]);
      expect(await walk(my('x'), 'newest', 2)).toEqual([
        ['e', 'd'],
        ['c', 'b'],
        ['a', 'f'],
      ]);
      expect(await walk(my('x'), 'newest', 4)).toEqual([
        ['e', 'd', 'c', 'b'],
        ['a', 'f'],
      ]);
      expect(await walk(my('x'), 'newest', 1_000)).toEqual([['e', 'd', 'c', 'b', 'a', 'f']]);
      expect(await walk(my('nothing'), 'newest', 5)).toEqual([[]]);
    });

    it('orders keys by their bytes', async () => {
      for (const key of ['B', 'a', 'ä', 'Ä', '\uffee', '😀', '-', '']) await create(my(key), key, { [my('x')]: 1 });
      expect(await walk(my('x'), 'oldest', 3)).toEqual([
        ['', '-', 'B'],
        ['a', 'Ä', 'ä'],
        ['\uffee', '😀'],
      ]);
    });

    it('keeps within since and until, both inclusive, also behind a cursor', async () => {
      for (const at of [10, 20, 30, 40]) await create(my(String(at)), at, { [my('x')]: at });
      const values = async (request: object) =>
        (await store.page(my('x'), { order: 'oldest', limit: 9, ...request })).records.map(({ value }) => value);
      expect(await values({ since: 20, until: 30 })).toEqual([20, 30]);
      expect(await values({ since: 20.5, until: 30.5 })).toEqual([30]);
      expect(await values({ since: -5, until: 9_999_999_999_999 })).toEqual([10, 20, 30, 40]);
      expect(await values({ until: -1 })).toEqual([]);
      expect(await values({ since: 99_999_999_999_999 })).toEqual([]);
      expect(await values({ since: 31, until: 29 })).toEqual([]);
      const after = cursorOf(20, my('20'));
      expect(await values({ after, until: 30 })).toEqual([30]);
      expect(await values({ after, since: 40 })).toEqual([40]);
      expect(await values({ after, order: 'newest', since: 10 })).toEqual([10]);
      expect(await values({ after, order: 'newest', until: 15 })).toEqual([10]);
    });

    it('has a limit of 1 to 1,000', async () => {
      for (const limit of [0, 1_001, 1.5, Number.NaN]) {
        await expect(store.page(my('x'), { order: 'newest', limit })).rejects.toThrow(RangeError);
      }
    });
  });

  describe('an entry that its document does not carry', () => {
    /** Makes entries stale the only way there is: a commit that believes in another past. */
    async function strand(key: string, index: string, at: number): Promise<Stored> {
      const was = await create(key, 1, { [index]: at });
      return written({ op: 'replace', was: { ...was, indexes: {} }, value: 2, indexes: { [index]: at + 1 } });
    }

    it('is left out of a page, told, and counted as looked at', async () => {
      const moved = await strand(my('a'), my('x'), 5);
      const gone = await create(my('b'), 1, { [my('x')]: 7 });
      await store.commit([{ op: 'delete', was: { ...gone, indexes: {} } }]);
      const page = await store.page(my('x'), { order: 'oldest', limit: 2 });
      expect(page).toEqual({ records: [moved], stale: [cursorOf(5, my('a'))], next: cursorOf(6, my('a')) });
      expect(await store.page(my('x'), { order: 'newest', limit: 9, since: 7 })).toEqual({
        records: [],
        stale: [cursorOf(7, my('b'))],
      });
    });

    it('is dropped by prune, and nothing else is', async () => {
      await strand(my('a'), my('x'), 5);
      const kept = await create(my('b'), 1, { [my('x')]: 7, [my('y')]: 8 });
      const entries = [cursorOf(5, my('a')), cursorOf(6, my('a')), cursorOf(7, my('b')), cursorOf(8, my('b'))];
      expect(await store.prune(my('x'), entries)).toBe(1);
      expect(await store.prune(my('x'), entries)).toBe(0);
      expect(await store.prune(my('x'), [])).toBe(0);
      expect(await store.count(my('x'))).toBe(2);
      expect(await one(my('b'))).toEqual(kept);
    });
  });
});
