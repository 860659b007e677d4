// What was saved: hours as they were seen, and money only where prices are known.
import { beforeEach, describe, expect, it } from 'vitest';
import { readSavings, readSpans } from '../../../src/schedules/report/savings.ts';
import { inMemory } from '../../support/memory-store.ts';
import { type Account, useGround } from '../account.ts';
import { day, hour, minute, office } from '../sleeping.ts';

const prices = { currency: 'USD', instances: { 'db.r6g.large': 0.5, 'db.t4g.medium': 0.1 }, graphMemory: 2 };
const friday = Date.parse('2026-11-20T00:00:00Z');

describe.each([inMemory])('on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  beforeEach(() => {
    account = ground().account();
    account.schedule(office(['dev-*', 'g-*']));
  });
  const savings = (from: number, to: number) => readSavings(account.store, from, to, prices);

  it('adds up hours by class, and nine tenths of a graph’s memory', async () => {
    account.add('dev-1', { condition: 'stopped', instances: { 'db.r6g.large': 2, 'db.t4g.medium': 1 } });
    account.add('g-0000000001', { condition: 'stopped', memory: 32 });
    account.works = false;
    await account.until('12:10');
    await account.until('16:10');
    const { rows, total, from, to } = await savings(friday, friday + 30 * day);
    expect([from, to]).toEqual([friday, account.clock.now()]);
    const [cluster, graph] = rows;
    expect(cluster).toMatchObject({
      resource: 'default/db-cluster/dev-1',
      schedule: 'office',
      asleepHours: 4,
      awakeHours: 0,
    });
    expect(cluster?.instanceHours).toEqual({ 'db.r6g.large': 8, 'db.t4g.medium': 4 });
    expect(cluster?.money).toBeCloseTo(8 * 0.5 + 4 * 0.1);
    expect(graph?.memoryHours).toBeCloseTo(32 * 4 * 0.9);
    expect(graph?.money).toBeCloseTo(32 * 4 * 0.9 * 2);
    expect(total.money).toBeCloseTo((cluster?.money ?? 0) + (graph?.money ?? 0));
    expect(total.asleepHours).toBe(8);
  });

  it('says which prices are unknown, and guesses none', async () => {
    account.add('dev-1', { condition: 'stopped', instances: { 'db.r6g.large': 1, constructor: 1 } });
    account.add('dev-2', { condition: 'stopped' });
    account.works = false;
    await account.until('13:00');
    const { rows, total } = await savings(friday, friday + day);
    const [one] = rows.filter(({ name }) => name === 'dev-1');
    expect(one).not.toHaveProperty('money');
    expect(one?.unknownPrices).toEqual(['constructor']);
    expect(total.unknownPrices).toEqual(['constructor']);
    expect(total.money).toBeCloseTo((50 / 60) * 0.5);
    const free = await readSavings(account.store, friday, friday + day, undefined);
    expect(free).not.toHaveProperty('currency');
    expect(free.total).not.toHaveProperty('money');
  });

  it('counts a night once, whatever the borders of the time asked for', async () => {
    account.add('dev-1');
    await account.until('12:10');
    const start = account.clock.now();
    await account.until('12:10');
    const end = account.clock.now();
    const { total } = await savings(start, end);
    const sum = ({ asleepHours, awakeHours, movingHours, unknownHours }: typeof total) =>
      asleepHours + awakeHours + movingHours + unknownHours;
    expect(sum(total)).toBeCloseTo(24);
    expect(total.asleepHours).toBeGreaterThan(11);
    const midnight = friday + day;
    const [before, after] = [await savings(start, midnight), await savings(midnight, end)];
    expect(before.total.asleepHours + after.total.asleepHours).toBeCloseTo(total.asleepHours);
    expect(sum(after.total)).toBeCloseTo(12 + 10 / 60);
    const odd = await savings(friday + 23.5 * hour, friday + 24.5 * hour);
    expect(odd.total.asleepHours).toBeCloseTo(1);
  });

  it('counts nothing beyond the last look, for nobody saw it', async () => {
    account.add('dev-1');
    await account.until('20:00');
    const before = await savings(friday, friday + 10 * day);
    await account.pass(2 * day);
    const after = await savings(friday, friday + 10 * day);
    expect(after.total.asleepHours).toBe(before.total.asleepHours);
    await account.main.tick();
    const { total } = await savings(friday, friday + 10 * day);
    expect(total.asleepHours).toBeCloseTo(before.total.asleepHours + 48);
    expect(total.unknownHours).toBe(0);
  });

  it('keeps what was seen of a resource that a schedule means no longer', async () => {
    account.add('dev-1', { condition: 'stopped' });
    account.works = false;
    await account.until('12:10');
    await account.until('14:10');
    account.schedule(office(['test-*', 'g-*']));
    await account.until('16:00');
    const { total } = await savings(friday, friday + day);
    expect(total.asleepHours).toBeCloseTo(2 + 10 / 60);
    account.schedule(office(['g-*']));
    await account.until('16:10');
    expect((await savings(friday, friday + day)).total.asleepHours).toBeCloseTo(2 + 10 / 60);
  });

  it('counts once what ends while it is read', async () => {
    account.add('dev-1', { condition: 'stopped' });
    account.works = false;
    await account.until('23:50');
    await account.pass(10 * minute);
    const { store } = account;
    const spans = await readSpans(
      {
        ...store,
        read: (keys) => store.read(keys),
        knownTime: () => store.knownTime(),
        commit: (changes) => store.commit(changes),
        async page(index, request) {
          if (index === 'spans') await account.main.tick();
          return store.page<never>(index, request);
        },
      },
      friday,
      friday + day,
    );
    const hours = spans.reduce((sum, { from, to }) => sum + (to - from) / hour, 0);
    expect(hours).toBeCloseTo(11 + 40 / 60);
  });

  it('answers for one resource alone', async () => {
    account.add('dev-1');
    account.add('dev-2');
    await account.until('14:00');
    const spans = await readSpans(account.store, friday, friday + day, 'default/db-cluster/dev-2');
    expect(new Set(spans.map(({ id }) => id))).toEqual(new Set(['dev-2']));
  });
});
