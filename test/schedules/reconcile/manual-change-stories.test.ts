// What a person did is respected as long as it is so: told through, from list to job.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/aws/inventory.ts';
import { keepOn } from '../../../src/schedules/exceptions.ts';
import type { RunningSchedule } from '../../../src/schedules/schedule.ts';
import { inMemory } from '../../support/memory-store.ts';
import { type Account, useGround } from '../account.ts';
import { minute, office } from '../sleeping.ts';

const resource = 'default/db-cluster/dev-1';

describe.each([inMemory])('under respect-manual on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  const begin = (start: string, more: Partial<RunningSchedule> = {}) => {
    account = ground().account(start);
    account.schedule(office(['dev-*'], { policy: 'respect-manual', ...more }));
    account.add('dev-1');
  };
  const keptOnFor = (minutes: number) =>
    keepOn(account.store, {
      resource,
      until: account.clock.now() + minutes * minute,
      by: 'ann',
      reason: 'release',
    });
  const days = async (count: number) => {
    for (let day = 0; day < count; day += 1) await account.until('22:00');
  };
  const change = (condition: Condition) => Object.assign(account.things.get('dev-1') ?? {}, { condition });
  const condition = () => account.things.get('dev-1')?.condition;
  const hand = async () => (await account.managed('dev-1'))?.byHand?.did;
  beforeEach(() => begin('18:50'));

  it('a stop that a lease has undone says nothing once the lease is over', async () => {
    await keptOnFor(190);
    await account.until('20:00');
    account.move('dev-1', 'stop');
    await account.until('21:00');
    expect(account.news()).toEqual(['start-db-cluster dev-1']);
    await account.until('22:30');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
  });

  it('what never runs is stopped when AWS starts it, also where a person had stopped it', async () => {
    begin('18:50', { windows: [] });
    await account.until('19:30');
    account.move('dev-1', 'start');
    await account.until('20:30');
    account.move('dev-1', 'stop');
    await account.until('22:00');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    account.tickMs = 60 * minute;
    await days(8);
    expect([account.news(), condition()]).toEqual([['stop-db-cluster dev-1'], 'stopped']);
  });

  it('what never runs is stopped when AWS starts it, also where one list in between is old', async () => {
    begin('18:50', { windows: [] });
    await account.until('19:30');
    account.news();
    const restartsAt = account.things.get('dev-1')?.restartsAt ?? 0;
    account.tickMs = 60 * minute;
    await days(6);
    account.tickMs = minute;
    while (condition() === 'stopped') {
      await account.pass(minute);
      await account.main.tick();
    }
    account.listed = () => ({ condition: 'stopped', restartsAt });
    await account.pass(minute);
    await account.main.tick();
    account.listed = () => ({});
    await account.until('22:00');
    expect([account.news(), condition()]).toEqual([['stop-db-cluster dev-1'], 'stopped']);
  });

  it('a stop right before the morning’s boundary, believed after it, doesn’t hold through the day', async () => {
    begin('06:40');
    account.tickMs = minute;
    change('stopped');
    await account.until('06:49');
    await keptOnFor(11);
    await account.until('06:59');
    expect((await account.jobs()).map(({ state }) => state)).toEqual(['succeeded']);
    account.news();
    change('stopped');
    await account.until('07:30');
    expect([account.news(), await hand()]).toEqual([['start-db-cluster dev-1'], undefined]);
  });

  it('a start right after the stop is a person’s, also where the cluster is busy at the second look', async () => {
    account.tickMs = minute;
    await account.until('19:10');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    change('running');
    await account.until('19:11');
    change('changing');
    await account.until('19:20');
    change('running');
    await account.until('20:00');
    expect([account.news(), await hand()]).toEqual([[], 'started']);
  });
});
