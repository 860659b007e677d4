// What a schedule does through days and nights, and what a person, AWS and a lease change about it.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../src/records/store.ts';
import { endKeepOn, keepOn, pause, resume } from '../../../src/schedules/exceptions.ts';
import { holdOff, holdOn } from '../../../src/queue/hold.ts';
import { inMemory } from '../../support/memory-store.ts';
import { type Account, useGround } from '../account.ts';
import { hour, minute, office } from '../sleeping.ts';

const who = { by: 'ann', reason: 'release' };

describe.each([inMemory])('on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  beforeEach(() => {
    account = ground().account();
    account.schedule(office(['dev-*', 'g-*']));
    account.add('dev-1');
  });

  const respectManual = () => account.schedule(office(['dev-*'], { policy: 'respect-manual' }));

  it('stops clusters and graphs at night and starts them in the morning', async () => {
    account.add('g-0000000001');
    account.add('prod-1');
    await account.until('18:50');
    expect(account.news()).toEqual([]);
    await account.until('19:30');
    expect(account.news()).toEqual(['stop-db-cluster dev-1', 'stop-graph g-0000000001']);
    await account.until('06:50');
    expect(account.news()).toEqual([]);
    expect(account.things.get('dev-1')?.condition).toBe('stopped');
    await account.until('07:30');
    expect(account.news()).toEqual(['start-db-cluster dev-1', 'start-graph g-0000000001']);
    expect(account.things.get('prod-1')?.condition).toBe('running');
    expect(await account.managed('prod-1')).toBeUndefined();
  });

  it('starts and stops again what a person changed, under enforce', async () => {
    await account.until('20:00');
    account.move('dev-1', 'start');
    account.news();
    await account.until('20:30');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    await account.until('08:00');
    account.news();
    account.move('dev-1', 'stop');
    await account.until('08:30');
    expect(account.news()).toEqual(['start-db-cluster dev-1']);
  });

  it('leaves what a person started until the next boundary, under respect-manual', async () => {
    respectManual();
    await account.until('20:00');
    account.news();
    account.move('dev-1', 'start');
    await account.until('18:50');
    expect(account.news()).toEqual([]);
    await account.until('19:10');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
  });

  it('leaves what a person stopped until the next boundary, under respect-manual', async () => {
    respectManual();
    await account.until('13:00');
    account.move('dev-1', 'stop');
    await account.until('06:50');
    expect(account.news()).toEqual([]);
    await account.until('07:10');
    expect(account.news()).toEqual(['start-db-cluster dev-1']);
  });

  it('does not take its own jobs for a person’s doing', async () => {
    respectManual();
    await account.until('19:30');
    expect(await account.managed('dev-1')).not.toHaveProperty('byHand');
    await account.until('07:30');
    expect(await account.managed('dev-1')).not.toHaveProperty('byHand');
  });

  it.each(['enforce', 'respect-manual'] as const)(
    'stops again what AWS started after seven days, under %s',
    async (policy) => {
      account.schedule({ ...office(['dev-*'], { policy }), windows: [] });
      account.tickMs = 60 * minute;
      await account.until('16:00');
      expect(account.news()).toEqual(['stop-db-cluster dev-1']);
      for (let days = 0; days < 7; days += 1) await account.until('16:00');
      expect(account.news()).toEqual(['stop-db-cluster dev-1']);
      expect(account.things.get('dev-1')?.condition).toBe('stopped');
      expect(await account.managed('dev-1')).not.toHaveProperty('byHand');
    },
  );

  it('respects a start during an outage of its own, and decides itself when a boundary passed meanwhile', async () => {
    respectManual();
    await account.until('20:00');
    account.news();
    await account.pass(2 * hour);
    account.move('dev-1', 'start');
    await account.pass(3 * hour);
    await account.until('06:50');
    expect(account.news()).toEqual([]);
    expect((await account.managed('dev-1'))?.byHand).toMatchObject({ did: 'started' });
    account.move('dev-1', 'stop');
    await account.pass(2 * hour);
    await account.until('09:30');
    expect(account.news()).toEqual(['start-db-cluster dev-1']);
  });

  it('leaves alone what was made in the night, under respect-manual, but not what was there when it first looked', async () => {
    respectManual();
    account.add('dev-2');
    await account.pass(8 * hour);
    await account.main.tick();
    expect(account.news()).toEqual(['stop-db-cluster dev-1', 'stop-db-cluster dev-2']);
    account.add('dev-3');
    await account.until('21:00');
    expect(account.news()).toEqual([]);
    await account.until('07:30');
    account.news();
    await account.until('19:10');
    expect(account.news()).toContain('stop-db-cluster dev-3');
  });

  it('does not take for new what the file means only now', async () => {
    respectManual();
    account.add('test-1');
    await account.until('20:00');
    account.news();
    account.schedule(office(['dev-*', 'test-*'], { policy: 'respect-manual' }));
    await account.until('20:10');
    expect(account.news()).toEqual(['stop-db-cluster test-1']);
  });

  it('keeps a resource on for a lease, starts it for that, and stops it when the lease is over', async () => {
    respectManual();
    await account.until('20:00');
    account.news();
    const until = account.clock.now() + 2 * hour;
    await keepOn(account.store, { resource: 'default/db-cluster/dev-1', until, ...who });
    await pause(account.store, { schedule: 'office', until, ...who });
    await account.until('20:10');
    expect(account.news()).toEqual(['start-db-cluster dev-1']);
    await account.until('21:50');
    expect(account.news()).toEqual([]);
    await account.until('22:10');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
  });

  it('skips the next stop by a lease that begins with it', async () => {
    await keepOn(account.store, {
      resource: 'default/db-cluster/dev-1',
      from: account.clock.now() + 7 * hour,
      until: account.clock.now() + 19 * hour,
      ...who,
    });
    account.move('dev-1', 'stop');
    account.works = false;
    await account.until('12:10');
    expect(account.news()).toEqual(['start-db-cluster dev-1']);
    account.works = true;
    await account.until('07:00');
    expect(account.news()).toEqual([]);
    await account.until('19:10');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
  });

  it('takes back a stop that still waits, and none that AWS was asked for', async () => {
    account.add('dev-2');
    account.works = false;
    await account.until('19:00');
    const [one = '', two = ''] = account.asked.map(({ job }) => job);
    account.works = true;
    await account.pass(0);
    account.works = false;
    const waits = await account.job(one);
    expect(waits.phase).toBe('follow');
    const add = account.add('dev-3');
    await account.until('19:10');
    const three = account.asked.at(-1)?.job ?? '';
    for (const id of ['dev-2', 'dev-3']) {
      await keepOn(account.store, { resource: `default/db-cluster/${id}`, until: account.clock.now() + hour, ...who });
    }
    await account.main.tick();
    expect([(await account.job(two)).state, (await account.job(three)).state]).toEqual(['running', 'cancelled']);
    expect(add.condition).toBe('running');
    await account.until('20:20');
    expect(account.news().filter((each) => each.endsWith('dev-3'))).toHaveLength(2);
  });

  describe('paused while a stop of its own still waits', () => {
    const pauseIt = async () => {
      await pause(account.store, { schedule: 'office', ...who });
      await account.main.tick();
      account.works = true;
      await account.until('20:00');
    };

    it('takes it back, and asks again once resumed', async () => {
      account.works = false;
      await account.until('19:00');
      await pauseIt();
      expect((await account.jobs()).map(({ state }) => state)).toEqual(['cancelled']);
      expect(account.things.get('dev-1')?.condition).toBe('running');
      account.news();
      await resume(account.store, 'office');
      await account.until('20:10');
      expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    });

    it('takes it back also when the answer to asking for it was lost', async () => {
      const { deps } = account.main;
      const asking = deps.enqueue;
      const losing: typeof asking = async (request) => {
        await asking(request);
        Object.assign(deps, { enqueue: asking });
        throw new Error('the connection was lost');
      };
      Object.assign(deps, { enqueue: losing });
      account.works = false;
      await account.until('19:01');
      expect(account.asked.map(({ how }) => how)).toEqual(['created', 'joined']);
      await pauseIt();
      expect((await account.jobs()).map(({ state }) => state)).toEqual(['cancelled']);
    });

    it('takes its own wish for nobody else’s when it dies in the middle of that', async () => {
      account.works = false;
      await account.until('19:00');
      await pause(account.store, { schedule: 'office', ...who });
      let isDead = false;
      const commit: Store['commit'] = (changes) =>
        isDead ? Promise.reject(new Error('dead')) : account.store.commit(changes);
      const dying = account.process({ ...account.store, commit });
      const cancel = dying.deps.cancel;
      Object.assign(dying.deps, { cancel: async (job: string) => (await cancel(job), (isDead = true)) });
      await dying.tick().catch(() => undefined);
      expect((await account.jobs()).map(({ state }) => state)).toEqual(['cancelled']);
      account.news();
      account.works = true;
      await resume(account.store, 'office');
      await account.until('19:20');
      expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    });

    it('lets it go on once AWS was asked', async () => {
      await account.until('19:00');
      await account.pass(0);
      await pauseIt();
      expect((await account.jobs()).map(({ state }) => state)).toEqual(['succeeded']);
    });

    it('takes back none that a person had asked for before', async () => {
      account.works = false;
      await account.until('18:50');
      const input = { dbClusterIdentifier: 'dev-1' };
      await account.main.deps.enqueue({ operation: 'stop-db-cluster', input, owner: 'ann' });
      await account.until('19:00');
      expect(account.asked.map(({ how }) => how)).toEqual(['created', 'joined']);
      await pauseIt();
      expect((await account.jobs()).map(({ state }) => state)).toEqual(['succeeded']);
    });
  });

  it.each([
    ['means the resource no more', () => account.schedule(office(['others-*']))],
    [
      'contradicts itself about it',
      () => account.schedule(office(['dev-1']), office(['dev-*'], { name: 'day', windows: [] })),
    ],
  ])('takes back what waits when the file %s', async (_what, change) => {
    account.works = false;
    await account.until('19:00');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    change();
    await account.until('19:10');
    expect((await account.jobs()).map(({ state }) => state)).toEqual(['cancelled']);
  });

  it('does nothing while paused, and what the calendar says once resumed', async () => {
    await pause(account.store, { schedule: 'office', ...who });
    await account.until('20:00');
    expect(account.news()).toEqual([]);
    await resume(account.store, 'office');
    await account.until('20:10');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
  });

  it.each(['default', 'all'])('asks for nothing while a hold is on for %s', async (target) => {
    await holdOn(account.store, { target, ...who });
    await account.until('20:00');
    expect(account.news()).toEqual([]);
    await holdOff(account.store, target);
    await account.until('20:10');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    expect(await endKeepOn(account.store, 'default/db-cluster/dev-1')).toBe(false);
  });

  it('leaves alone what equal schedules contradict each other about, and follows a higher one', async () => {
    const day = office(['dev-1'], { name: 'day', windows: [] });
    account.schedule(office(['dev-*']), day);
    await account.until('20:00');
    expect(account.news()).toEqual([]);
    expect(await account.managed('dev-1')).not.toHaveProperty('schedule');
    account.schedule(office(['dev-*'], { windows: [] }), { ...day, windows: office([]).windows, priority: 1 });
    await account.until('20:10');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    expect(await account.managed('dev-1')).toMatchObject({ schedule: 'day' });
  });

  it('does not stop what would have to start within a quarter of an hour', async () => {
    const thing = account.add('dev-2', { condition: 'changing' });
    await account.until('06:40');
    account.news();
    thing.condition = 'running';
    await account.until('07:10');
    expect(account.news()).toEqual(['start-db-cluster dev-1']);
  });
});
