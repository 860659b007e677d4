// Level, not edge: whatever happens to a tick, things end where they would have ended without it.
import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../../src/errors.ts';
import { keepOn } from '../../../src/schedules/exceptions.ts';
import type { ResourceKind } from '../../../src/schedules/schedule.ts';
import { inMemory } from '../../support/memory-store.ts';
import { storeKinds } from '../../support/stores.ts';
import { type Account, type Process, useGround } from '../account.ts';
import { failingAt } from '../corner.ts';
import { hour, minute, nightly, office } from '../sleeping.ts';

describe.each([inMemory, ...storeKinds()])('on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  beforeEach(() => {
    account = ground().account();
    account.schedule(office(['dev-*', 'g-*']));
  });

  const story = (start: string): Account => {
    const one = ground().account(start);
    const care = { ...office([]).stopPolicy, snapshot: true };
    const graphs = office(['g-*'], { name: 'graphs', stopPolicy: care });
    one.schedule(office(['dev-*'], { policy: 'respect-manual' }), graphs, nightly());
    one.tickMs = 20 * minute;
    const condition = start === '18:40' ? 'running' : 'stopped';
    for (const id of ['dev-1', 'dev-2', 'g-0000000001']) one.add(id, { condition });
    if (start === '22:00') Object.assign(one.things.get('dev-1') ?? {}, { condition: 'running' });
    return one;
  };

  /** What became of the account in the next hours. The first tick of it may have been the first of all. */
  const hours = async (one: Account, time: string, broken: Process): Promise<unknown> => {
    if (time !== '22:00') {
      await one.main.tick();
      await one.pass(20 * minute);
    }
    await broken.tick().catch(() => undefined);
    const hands = new Set<unknown>();
    for (let n = 0; n < 6; n += 1) {
      await one.pass(20 * minute);
      await one.main.tick();
      for (const id of one.things.keys()) hands.add((await one.managed(id))?.byHand?.did);
    }
    const ends = [...one.things.values()].map(({ id, condition }) => `${id} ${condition}`);
    const jobs = (await one.jobs()).map(({ operation, resource }) => `${operation} ${resource}`).sort();
    return { ends, hands: [...hands], jobs };
  };

  describe.each([
    ['of all', '22:00'],
    ['in the evening', '18:40'],
    ['in the morning', '06:40'],
    ['at the time of a cron', '02:10'],
  ])('the first tick %s', (_which, time) => {
    it.each(['before', 'after'] as const)('cut short %s any call to the store ends in the same place', async (when) => {
      const whole = story(time);
      const expected = await hours(whole, time, whole.main);
      // Where it is cut is not the store's business: everywhere on the one in memory, here and there on the others.
      const step = kind === inMemory ? 1 : 8;
      for (let call = 1, failed = true; failed; call += step) {
        const one = story(time);
        const store = failingAt(one.store, call, when);
        expect(await hours(one, time, one.process(store)), `at call ${call}`).toEqual(expected);
        failed = store.hasFailed;
        expect(call).toBeLessThan(100);
      }
    });
  });

  it('asks once, however often a tick is doubled', async () => {
    account.add('dev-1');
    account.works = false;
    await account.until('19:00');
    await account.main.tick();
    await account.main.tick();
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    expect((await account.jobs()).map(({ by }) => by)).toEqual(['schedule:office']);
  });

  it('ends in the same place when ticks were missed', async () => {
    account.add('dev-1');
    await account.until('18:00');
    await account.pass(3 * hour);
    await account.main.tick();
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    await account.pass(13 * hour);
    await account.main.tick();
    expect(account.news()).toEqual(['start-db-cluster dev-1']);
  });

  it('makes one set of jobs in several processes, at the same moment and in turn', async () => {
    for (let n = 1; n <= 20; n += 1) account.add(`dev-${n}`);
    account.schedule(office(['dev-*'], { stopPolicy: { ...office([]).stopPolicy, snapshot: true } }));
    const [one, two] = [account.process(), account.process()];
    await account.until('18:50', one);
    await account.pass(10 * minute);
    await Promise.all([one.tick(), two.tick()]);
    const stops: string[] = [...account.news()];
    expect(stops.filter((each) => each.startsWith('create'))).toHaveLength(20);
    for (let n = 0; n < 12; n += 1) {
      await account.pass(5 * minute);
      await (n % 2 === 0 ? one : two).tick();
      if (n % 3 === 0) await Promise.all([one.tick(), two.tick()]);
    }
    expect(account.news().sort()).toEqual([...account.things.keys()].map((id) => `stop-db-cluster ${id}`).sort());
    expect(new Set([...account.things.values()].map(({ condition }) => condition))).toEqual(new Set(['stopped']));
  });

  describe('the trouble of one resource', () => {
    beforeEach(() => {
      account.add('dev-0');
      account.add('dev-1');
      account.add('g-0000000001');
    });
    const others = ['stop-db-cluster dev-1', 'stop-graph g-0000000001'];

    it.each([
      ['refused', () => new ServiceError('invalid-input', 'no such thing')],
      ['broken', () => new TypeError('odd')],
    ])('that is %s when it is asked for stays its own', async (_what, error) => {
      account.trouble.ask = ({ input }) => {
        if ((input as { dbClusterIdentifier?: string }).dbClusterIdentifier === 'dev-0') throw error();
      };
      await account.until('19:30');
      expect(account.news().sort()).toEqual(others);
    });

    it.each([
      ['never answers', () => new Promise(() => undefined)],
      ['fails', () => Promise.reject(new Error('odd'))],
    ])('whose use %s stays its own, and counts as unknown', async (_what, answer) => {
      account.trouble.use = (id) => (id === 'dev-0' ? answer() : undefined);
      await account.until('19:00');
      expect(account.news().sort()).toEqual(others);
      expect((await account.managed('dev-0'))?.postponed?.why).toContain('can’t be read');
    });

    it('with an odd shape, an odd name or listed twice stays its own', async () => {
      account.add('dev-0', { instances: {}, name: '' });
      const inventory = account.main.deps.inventoryOf('default')!;
      const look = async (which: ResourceKind) => [...(await inventory.look(which)), ...(await inventory.look(which))];
      Object.assign(account.main.deps, { inventoryOf: () => ({ ...inventory, look }) });
      await account.until('19:30');
      expect(
        account
          .news()
          .filter((each) => !each.endsWith('dev-0'))
          .sort(),
      ).toEqual(others);
    });
  });

  it('a look that does not come to its end holds up neither other kinds nor later ticks, and counts once it does', async () => {
    account.add('dev-1');
    account.add('g-0000000001');
    await account.main.tick();
    await account.pass(7 * hour + minute);
    let answer: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => (answer = resolve));
    account.trouble.look = (which) => (which === 'db-cluster' ? hanging : undefined);
    Object.assign(account.main.deps, { looksMs: 50 });
    account.reads.looks.splice(0);
    await account.main.tick();
    expect(account.news()).toEqual(['stop-graph g-0000000001']);
    await account.main.tick();
    await account.main.tick();
    expect(account.reads.looks.filter((which) => which === 'db-cluster')).toHaveLength(1);
    expect(account.reads.looks.filter((which) => which === 'graph')).toHaveLength(3);
    expect(account.logged.filter((line) => line.includes('does not wait for it'))).not.toEqual([]);
    delete account.trouble.look;
    Object.assign(account.main.deps, { looksMs: 30_000 });
    answer();
    await Promise.all(account.main.memory.underWay.values());
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    account.reads.looks.splice(0);
    await account.main.tick();
    expect(account.reads.looks).toEqual(['db-cluster', 'graph']);
  });

  it('goes on with clusters when graphs can’t be looked at, says so, and makes up for it later', async () => {
    account.add('dev-1');
    account.add('g-0000000001');
    account.trouble.look = (which) => {
      if (which === 'graph') throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    };
    await account.until('20:00');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    const { records } = await account.store.read(['sight/default/graph']);
    expect(records[0]?.value).toMatchObject({ at: 0, trouble: { what: 'AccessDeniedException' } });
    account.trouble = {};
    await account.until('20:10');
    expect(account.news()).toEqual(['stop-graph g-0000000001']);
  });

  it('writes nothing but its look while nothing changes, and looks once a kind', async () => {
    account.add('dev-1');
    account.add('g-0000000001');
    await account.until('13:00');
    account.commits.length = 0;
    account.reads.looks.length = 0;
    await account.until('13:10');
    expect(account.commits.sort()).toEqual(['sight/default/db-cluster', 'sight/default/graph']);
    expect(account.reads).toEqual({ looks: ['db-cluster', 'graph'], tags: [], use: [] });
  });

  describe('a resource that is gone', () => {
    it('is reported as gone, is not acted on, and forgotten after seven days', async () => {
      const thing = account.add('dev-1');
      await account.until('20:00');
      account.things.delete('dev-1');
      await account.until('08:00');
      account.things.set('dev-1', thing);
      expect(await account.managed('dev-1')).toMatchObject({ condition: 'gone', status: 'gone' });
      account.things.delete('dev-1');
      expect(account.news()).toEqual(['stop-db-cluster dev-1']);
      account.tickMs = 12 * hour;
      for (let days = 0; days < 8; days += 1) await account.until('08:00');
      account.things.set('dev-1', thing);
      expect(await account.managed('dev-1')).toBeUndefined();
    });

    it('and made anew under its name is another one, of which nothing is known', async () => {
      const care = { ...office([]).stopPolicy, snapshot: true };
      account.schedule(office(['kind=dev'], { stopPolicy: care }));
      const thing = account.add('dev-1', { tags: { kind: 'dev' } });
      await account.until('19:30');
      expect(account.news()).toEqual(['create-db-cluster-snapshot dev-1', 'stop-db-cluster dev-1']);
      account.things.delete('dev-1');
      await account.until('19:50');
      account.trouble.tags = () => {
        throw new Error('no');
      };
      account.things.set('dev-1', { ...thing, condition: 'running' });
      await account.until('20:10');
      expect(account.news()).toEqual([]);
      account.trouble = {};
      account.things.set('dev-1', { ...thing, condition: 'running', tags: { kind: 'prod' } });
      await account.until('20:50');
      expect(account.news()).toEqual([]);
      account.things.delete('dev-1');
      await account.until('21:00');
      account.things.set('dev-1', { ...thing, condition: 'running', tags: { kind: 'dev' } });
      await account.until('22:00');
      expect(account.news()).toEqual(['create-db-cluster-snapshot dev-1', 'stop-db-cluster dev-1']);
    });
  });

  it('knows nothing of a cluster that was made anew between two looks, but that somebody keeps its name on', async () => {
    const care = { ...office([]).stopPolicy, snapshot: true };
    account.schedule(office(['kind=dev'], { policy: 'respect-manual', stopPolicy: care }));
    account.tagsMs = 48 * hour;
    const old = account.add('dev-1', { tags: { kind: 'dev' }, madeAs: 'one' });
    old.use = { activity: 'busy', what: '1 query' };
    await account.until('19:00');
    expect(await account.managed('dev-1')).toHaveProperty('postponed');
    const resource = 'default/db-cluster/dev-1';
    await keepOn(account.store, { resource, until: account.clock.now() + hour, by: 'ann', reason: 'demo' });
    account.reads.tags.length = 0;
    account.things.set('dev-1', { ...old, madeAs: 'two', use: { activity: 'idle' } });
    await account.until('19:10');
    expect(account.reads.tags).toEqual(['dev-1']);
    const made = await account.managed('dev-1');
    expect(made).toMatchObject({ madeAs: 'two', firstSeen: account.clock.now(), byHand: { did: 'started' } });
    expect(made).not.toHaveProperty('postponed');
    account.things.set('dev-1', { ...old, madeAs: 'three', tags: { kind: 'prod' } });
    await account.until('19:20');
    expect(await account.managed('dev-1')).not.toHaveProperty('schedule');
    account.things.set('dev-1', { ...old, madeAs: 'three', condition: 'stopped' });
    account.schedule(office(['dev-*']));
    await account.until('19:30');
    expect(account.news()).toEqual(['start-db-cluster dev-1']);
  });

  it('forgets a kind that no schedule means any more, and knows nothing of it when it is meant again', async () => {
    account.add('g-0000000001', { condition: 'stopped' });
    await account.until('13:00');
    account.schedule(office(['dev-*']));
    await account.until('13:10');
    expect(await account.managed('g-0000000001')).toBeUndefined();
    expect((await account.store.read(['sight/default/graph'])).records).toEqual([undefined]);
    await keepOn(account.store, {
      resource: 'default/graph/g-0000000001',
      until: account.clock.now() + hour,
      by: 'ann',
      reason: 'demo',
    });
    await account.until('13:30');
    expect(account.news()).toEqual(['start-graph g-0000000001']);
  });
});
