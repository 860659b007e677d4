// The clock of the schedules, through real queues: one set of ticks, whatever happens to the queue and however many processes.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Storage } from '../../src/queue/storage.ts';
import { schedulesQueue } from '../../src/queue/names.ts';
import { startTicks, stopTicks, tickSoon } from '../../src/schedules/tick.ts';
import type { ScheduleDependencies } from '../../src/schedules/dependencies.ts';
import { type OpenStorage, silent, storageKinds } from '../support/storages.ts';
import { office } from './sleeping.ts';

describe.each(storageKinds())('on $name', (kind) => {
  let open: OpenStorage;
  let looks: string[];
  const running: { stop(): Promise<void> }[] = [];
  beforeEach(async () => {
    open = await kind.open();
    looks = [];
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((ticks) => ticks.stop()));
    await open.close();
  });

  const start = (storage: Storage, name: string, more: Partial<ScheduleDependencies> = {}) => {
    const deps: ScheduleDependencies = {
      store: storage.store,
      plan: () => ({ schedules: [office(['dev-*'])] }),
      targets: [{ name: 'default' }],
      inventoryOf: () => ({
        look: () => {
          looks.push(name);
          return Promise.resolve([]);
        },
        tags: () => Promise.resolve({}),
        activity: () => Promise.resolve({ activity: 'idle' as const }),
      }),
      enqueue: () => Promise.reject(new Error('nothing is asked for')),
      cancel: () => Promise.resolve(),
      log: silent,
      tickMs: 300,
      tagsMs: 60_000,
      shortestSleepMs: 900_000,
      ...more,
    };
    running.push(startTicks(storage, deps));
  };
  const queue = () => open.storage.queue(schedulesQueue);
  const schedulers = () => queue().getJobSchedulersCount();
  const more = async (than: number) => expect.poll(() => looks.length).toBeGreaterThan(than);

  it('ticks once for all processes', async () => {
    start(open.storage, 'one');
    start(await open.another(), 'two');
    for (const ticked of [1, 2, 3, 4]) {
      await more(ticked);
      expect(await schedulers()).toBe(1);
      // One tick that is being made or due, and the one after it; of two clocks each would have its own.
      const { active = 0, waiting = 0, delayed = 0 } = await queue().getJobCounts('active', 'waiting', 'delayed');
      expect(active + waiting).toBeLessThanOrEqual(1);
      expect(delayed).toBeLessThanOrEqual(1);
    }
  });

  it('comes back when its queue was wiped', async () => {
    start(open.storage, 'one');
    await more(1);
    await open.storage.queue(schedulesQueue).obliterate({ force: true });
    expect(await schedulers()).toBe(0);
    await more(looks.length + 1);
    expect(await schedulers()).toBe(1);
  });

  it('goes on in another process when one ends, and at another pace when that is set', async () => {
    start(open.storage, 'one');
    await more(0);
    await running.pop()?.stop();
    start(await open.another(), 'two', { tickMs: 200 });
    await expect.poll(() => looks.filter((name) => name === 'two').length).toBeGreaterThan(2);
    const scheduler = await open.storage.queue(schedulesQueue).getJobScheduler('every-tick');
    expect(scheduler?.every).toBe(200);
  });

  it('goes on when a tick was broken off', async () => {
    let failures = 0;
    const { store } = open.storage;
    const broken = {
      ...store,
      read: (keys: readonly string[]) => {
        failures += 1;
        return failures < 3 ? Promise.reject(new Error('gone')) : store.read(keys);
      },
      commit: store.commit.bind(store),
      page: store.page.bind(store),
    };
    start(open.storage, 'one', { store: broken });
    await more(1);
    expect(failures).toBeGreaterThan(2);
  });

  it('ticks at once when asked, and no more when stopped', async () => {
    start(open.storage, 'one', { tickMs: 60_000 });
    await more(0);
    const before = looks.length;
    await tickSoon(open.storage);
    await more(before);
    await stopTicks(open.storage);
    expect(await schedulers()).toBe(0);
    await stopTicks(open.storage);
  });
});
