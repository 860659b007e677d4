// Nothing waits without an end and without a word: whatever is in the way, after two hours a line and the page name who waits.
import { beforeEach, describe, expect, it } from 'vitest';
import { readResources } from '../../../src/metrics/resource-counts.ts';
import { holdOn } from '../../../src/queue/hold.ts';
import { readOverview } from '../../../src/schedules/report/overview.ts';
import { storeKinds } from '../../support/stores.ts';
import { type Account, useGround } from '../account.ts';
import { hour, minute, office } from '../sleeping.ts';

describe.each(storeKinds())('on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  beforeEach(() => {
    account = ground().account('18:40');
    account.schedule(office(['dev-*']));
  });
  const told = () =>
    account.logged
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'a resource has waited for too long for its schedule');
  const stuck = async () =>
    (await readResources(account.store, account.plan)).find(({ name }) => name === 'neptune_ops_schedule_stuck')?.value;
  const doing = async () => (await readOverview(account.store, account.plan)).resources[0]?.doing;

  it('an instance that is never available is named after two hours, once, in the log, on the page and in the metrics', async () => {
    account.add('dev-1', { settled: false, unsettled: 'dev-1-2 is incompatible-parameters' });
    await account.until('20:50');
    expect(told()).toEqual([]);
    expect(await stuck()).toBe(0);
    expect(await doing()).toBe('not all of its instances are available: dev-1-2 is incompatible-parameters');
    await account.until('23:50');
    expect(told()).toEqual([
      expect.objectContaining({
        level: 40,
        resource: 'default/db-cluster/dev-1',
        schedule: 'office',
        waits: 'not all of its instances are available: dev-1-2 is incompatible-parameters',
        since: '2026-11-20T19:00:00.000Z',
      }),
    ]);
    expect(await stuck()).toBe(1);
    expect(await doing()).toMatch(/; waits since 2026-11-20T19:00:00.000Z, which is too long: somebody has to look$/);
    Object.assign(account.things.get('dev-1') ?? {}, { settled: true });
    await account.until('23:59');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    expect(await stuck()).toBe(0);
  });

  it.each(['starting', 'stopping', 'changing'] as const)('so is one that stays %s', async (condition) => {
    account.add('dev-1', { condition, restsAt: Infinity });
    await account.until('23:50');
    expect(told()).toHaveLength(1);
    // And by day, when it should run.
    await account.until('06:50');
    await account.until('12:00');
    expect(told()).toHaveLength(1);
    expect(await stuck()).toBe(1);
  });

  it('a wait that ended counts from its beginning when it comes again', async () => {
    const thing = account.add('dev-1', { settled: false });
    await account.until('20:00');
    Object.assign(thing, { condition: 'stopped' });
    await account.until('20:20');
    Object.assign(thing, { condition: 'changing' });
    await account.until('21:50');
    expect(told()).toEqual([]);
  });

  it('a cluster whose KMS key is away is named by night, and asked to start by day', async () => {
    account.works = false;
    await account.pass(30 * minute);
    account.add('dev-1', { condition: 'recoverable' });
    await account.until('23:50');
    expect(account.news()).toEqual([]);
    expect(told()).toEqual([
      expect.objectContaining({ waits: expect.stringMatching(/can’t use its KMS key.*within seven days/) }),
    ]);
    await account.until('07:10');
    expect(account.news()).toEqual(['start-db-cluster dev-1']);
    await account.pass(10 * minute);
    expect((await account.managed('dev-1'))?.byHand).toBeUndefined();
  });

  it('what waits for a hold is not told', async () => {
    await holdOn(account.store, { target: 'all', by: 'tests', reason: 'a test' });
    account.add('dev-1');
    await account.pass(hour);
    await account.until('23:50');
    expect((await account.managed('dev-1'))?.waits).toBe('a hold is on');
    expect(told()).toEqual([]);
  });
});
