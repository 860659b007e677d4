// Random sequences of commits, on each adapter and on a plain model: answers, documents, pages and counts must agree.

import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Change, Store, Stored } from '../../src/records/store.ts';
import { inMemory } from '../support/memory-store.ts';
import { type OpenStore, storeKinds } from '../support/stores.ts';
import { commitToModel, emptyModel, type Model, pageOfModel } from './store.model.ts';

describe.each([...storeKinds(), inMemory])('a store on $name', ({ open }) => {
  let opened: OpenStore;
  let store: Store;
  let run = 0;

  beforeAll(async () => {
    opened = await open();
    store = opened.store;
  });
  afterAll(() => opened?.close());

  it('does in any sequence of commits what a plain model does', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const at = fc.constantFrom(0, 7, 7, 1_000, 9_999_999_999_999);
    const indexes = fc.dictionary(fc.constantFrom('x', 'y'), at, { maxKeys: 2 });
    /** How stale a reader's document is: 0 is the present one. */
    const age = fc.nat(2).map((n) => Math.max(0, n - 1));
    const step = fc.oneof(
      fc.record({ op: fc.constant('create' as const), key, indexes }),
      fc.record({ op: fc.constant('replace' as const), key, indexes, age }),
      fc.record({ op: fc.constant('delete' as const), key, age }),
      fc.record({ op: fc.constant('check' as const), key, age }),
      fc.record({ op: fc.constant('absent' as const), key }),
      fc.record({ op: fc.constant('empty' as const), index: fc.constantFrom('x', 'y') }),
    );
    const commit = fc.uniqueArray(step, { maxLength: 4, selector: (one) => ('key' in one ? one.key : one.index) });
    const look = fc.record({
      order: fc.constantFrom('newest' as const, 'oldest' as const),
      limit: fc.integer({ min: 1, max: 3 }),
    });

    await fc.assert(
      fc.asyncProperty(fc.array(commit, { minLength: 1, maxLength: 12 }), look, async (commits, request) => {
        run += 1;
        const mine = (name: string): string => `${run}/${name}`;
        const history = new Map<string, Stored[]>();
        let model: Model = emptyModel();
        for (const [i, steps] of commits.entries()) {
          const changes = steps.flatMap((one): Change[] => {
            if (one.op === 'empty') return [{ op: 'empty', index: mine(one.index) }];
            if (one.op === 'absent') return [{ op: 'absent', key: mine(one.key) }];
            const moves = 'indexes' in one ? one.indexes : {};
            const named = Object.fromEntries(Object.entries(moves).map(([name, time]) => [mine(name), time]));
            if (one.op === 'create') return [{ op: 'create', key: mine(one.key), value: i, indexes: named }];
            const was = history.get(mine(one.key))?.at(-1 - one.age);
            if (!was) return [];
            return one.op === 'replace' ? [{ op: 'replace', was, value: i, indexes: named }] : [{ op: one.op, was }];
          });
          const answer = await store.commit(changes);
          const expected = commitToModel(model, changes, answer.ok ? answer.written : []);
          model = expected.model;
          expect(answer.ok ? -1 : answer.refused).toBe(expected.refused);
          for (const document of answer.ok ? answer.written : []) {
            if (document) history.set(document.key, [...(history.get(document.key) ?? []), document]);
          }
        }
        const keys = ['a', 'b', 'c', 'd'].map(mine);
        expect((await store.read(keys)).records).toEqual(keys.map((name) => model.get(name)));
        for (const index of [mine('x'), mine('y')]) {
          const whole = pageOfModel(model, index, { order: 'oldest', limit: 1_000 });
          expect(await store.count(index)).toBe(whole.records.length);
          expect(await store.page(index, { order: 'oldest', limit: 1_000 })).toEqual(whole);
          const first = await store.page(index, request);
          expect(first).toEqual(pageOfModel(model, index, request));
          if (first.next === undefined) continue;
          const onwards = { ...request, after: first.next };
          expect(await store.page(index, onwards)).toEqual(pageOfModel(model, index, onwards));
        }
      }),
      { numRuns: 200 },
    );
  });
});
