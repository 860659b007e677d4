// Leases and pauses in the store: who says what until when, and that they end by themselves.
import { beforeEach, describe, expect, it } from 'vitest';
import { endKeepOn, keepOn, pause, readKeepOns, readPauses, resume } from '../../src/schedules/exceptions.ts';
import { inMemory } from '../support/memory-store.ts';
import { type Account, useGround } from './account.ts';
import { day, hour } from './sleeping.ts';

const who = { by: 'ann', reason: 'demo' };

describe.each([inMemory])('on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  beforeEach(() => void (account = ground().account()));
  const now = () => account.clock.now();
  const lease = (until: number, from?: number) =>
    keepOn(account.store, { resource: 'default/graph/g-1', until, ...(from === undefined ? {} : { from }), ...who });

  it('keeps the newest lease of a resource, until it ends or is ended', async () => {
    await lease(now() + hour);
    const second = await lease(now() + 2 * hour);
    expect(second).toEqual({ resource: 'default/graph/g-1', since: now(), until: now() + 2 * hour, ...who });
    expect([...(await readKeepOns(account.store))]).toEqual([['default/graph/g-1', second]]);
    expect(await endKeepOn(account.store, 'default/graph/g-1')).toBe(true);
    expect(await endKeepOn(account.store, 'default/graph/g-1')).toBe(false);
    await lease(now() + hour);
    account.clock.advance(hour);
    expect((await readKeepOns(account.store)).size).toBe(0);
    expect(await account.store.count('keep-on')).toBe(0);
  });

  it.each([
    ['that is over', -1, undefined],
    ['that ends now', 0, undefined],
    ['that is no time', Number.NaN, undefined],
    ['of more than thirty days', 30 * day + 1, undefined],
    ['that ends before it begins', hour, 2 * hour],
  ])('refuses a lease %s', async (_what, until, from) => {
    const asked = lease(now() + until, from === undefined ? undefined : now() + from);
    await expect(asked).rejects.toMatchObject({ code: 'invalid-request' });
    expect((await readKeepOns(account.store)).size).toBe(0);
  });

  it('takes the last of two that are put at the same moment', async () => {
    await Promise.all([1, 2, 3, 4].map((hours) => lease(now() + hours * hour)));
    expect((await readKeepOns(account.store)).size).toBe(1);
  });

  it('knows a pause until it is resumed or its time is up', async () => {
    await pause(account.store, { schedule: 'office', ...who });
    await pause(account.store, { schedule: 'weekend', until: now() + hour, ...who });
    expect([...(await readPauses(account.store)).keys()]).toEqual(['office', 'weekend']);
    account.clock.advance(hour);
    expect([...(await readPauses(account.store)).keys()]).toEqual(['office']);
    expect(await resume(account.store, 'office')).toBe(true);
    expect(await resume(account.store, 'office')).toBe(false);
  });
});
