// How carefully a resource is put to sleep: nobody is cut off, and nothing waits for ever.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Activity } from '../../../src/aws/activity.ts';
import { decideStop, isPostponed } from '../../../src/schedules/reconcile/stop-policy.ts';
import type { StopPolicy } from '../../../src/schedules/schedule.ts';
import { inMemory } from '../../support/memory-store.ts';
import { type Account, useGround } from '../account.ts';
import { hour, minute, office } from '../sleeping.ts';

/** An hour of patience, then it is left; so is what can’t be looked at. */
const careful: StopPolicy = office([]).stopPolicy;
const firm: StopPolicy = { ...careful, afterwards: 'stop' };
const busy: Activity = { activity: 'busy', what: '2 Gremlin queries' };

describe('looking whether it is in use', () => {
  const looks = (use: Activity, care: Partial<StopPolicy>, length = 4 * hour) => {
    const schedule = { stopPolicy: { ...careful, ...care }, timeZone: 'UTC' };
    const times: number[] = [];
    let postponed;
    for (let now = 0; now < length; now += minute) {
      if (isPostponed(postponed, now)) continue;
      times.push(now / minute);
      const decision = decideStop(use, postponed, schedule, now, 12 * hour);
      if (decision.go) return { times, end: 'stopped' };
      postponed = decision.postponed;
    }
    return { times, end: postponed?.leftUntil === 12 * hour ? 'left until the boundary' : 'looking' };
  };

  it('stops at once what is idle', () => {
    expect(looks({ activity: 'idle' }, {})).toEqual({ times: [0], end: 'stopped' });
  });

  it('happens a bounded number of times, then leaves it until the boundary', () => {
    const { times, end } = looks(busy, {});
    expect(end).toBe('left until the boundary');
    expect(times.at(-1)).toBe(60);
    expect(times.length).toBeLessThan(20);
  });

  it('or stops it when the time is up, as the schedule says', () => {
    const { times, end } = looks(busy, firm);
    expect([times.at(-1), end]).toEqual([60, 'stopped']);
  });

  it('leaves or stops what can’t be looked at, as the schedule says', () => {
    const unknown: Activity = { activity: 'unknown', what: 'ECONNREFUSED' };
    expect(looks(unknown, { unknown: 'stop' })).toEqual({ times: [0], end: 'stopped' });
    const { times, end } = looks(unknown, {});
    expect(end).toBe('looking');
    expect(times.length).toBeLessThan(4 * 10);
  });
});

describe.each([inMemory])('on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  const caring = (care: Partial<StopPolicy>) =>
    account.schedule(office(['dev-*'], { stopPolicy: { ...careful, ...care } }));
  beforeEach(() => {
    account = ground().account('18:50');
    account.add('dev-1');
    caring({});
  });

  it('stops what comes to rest within the time', async () => {
    const thing = account.things.get('dev-1')!;
    thing.use = busy;
    await account.until('19:40');
    expect(account.news()).toEqual([]);
    expect((await account.managed('dev-1'))?.postponed).toMatchObject({
      since: Date.parse('2026-11-20T19:00:00Z'),
      why: 'in use (2 Gremlin queries); waits until Fri 2026-11-20 20:00, then leaves it',
    });
    thing.use = { activity: 'idle' };
    await account.until('19:50');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    await account.until('20:00');
    expect(await account.managed('dev-1')).not.toHaveProperty('postponed');
  });

  it('leaves what stays in use until the boundary, without looking any more, and is as patient the night after', async () => {
    const thing = account.things.get('dev-1')!;
    thing.use = busy;
    await account.until('21:00');
    account.reads.use.length = 0;
    await account.until('06:30');
    expect([account.reads.use, account.news()]).toEqual([[], []]);
    // The whole day passes without a look.
    await account.pass(13 * hour);
    await account.main.tick();
    expect((await account.managed('dev-1'))?.postponed).toMatchObject({ since: account.clock.now() });
  });

  it('stops it when the time is up, if the schedule says so', async () => {
    caring(firm);
    account.things.get('dev-1')!.use = busy;
    await account.until('19:50');
    expect(account.news()).toEqual([]);
    await account.until('20:00');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
  });

  it('stops nothing whose parts have not settled', async () => {
    account.things.get('dev-1')!.settled = false;
    await account.until('21:00');
    expect([account.reads.use, account.news()]).toEqual([[], []]);
  });

  describe('with a snapshot first', () => {
    beforeEach(() => caring({ snapshot: true }));

    it('takes it, then stops, before every stop', async () => {
      await account.until('19:30');
      expect(account.news()).toEqual(['create-db-cluster-snapshot dev-1', 'stop-db-cluster dev-1']);
      await account.until('19:50');
      account.move('dev-1', 'start');
      await account.until('20:20');
      expect(account.news()).toEqual(['create-db-cluster-snapshot dev-1', 'stop-db-cluster dev-1']);
      const names = (await account.jobs()).flatMap(({ input }) => input['dbClusterSnapshotIdentifier'] ?? []);
      expect(new Set(names).size).toBe(2);
      await account.until('19:00');
      await account.until('19:30');
      expect(account.news()).toEqual([
        'start-db-cluster dev-1',
        'create-db-cluster-snapshot dev-1',
        'stop-db-cluster dev-1',
      ]);
    });

    it('does not stop without one, and tries again under another name', async () => {
      account.works = false;
      await account.until('19:00');
      const [first] = account.asked;
      await account.end(first?.job ?? '', 'failed', 'no room');
      await account.until('19:20');
      expect(account.news()).toEqual(['create-db-cluster-snapshot dev-1', 'create-db-cluster-snapshot dev-1']);
      const names = (await account.jobs()).map(({ input }) => input['dbClusterSnapshotIdentifier']);
      expect(names).toEqual(['sleep-dev-1-202611201900', 'sleep-dev-1-202611201901']);
    });

    it('names them apart where identifiers are long', async () => {
      const long = `dev-${'x'.repeat(50)}`;
      account.things.clear();
      account.add(`${long}-one`);
      account.add(`${long}-two`);
      await account.until('19:00');
      const names = (await account.jobs()).map(({ input }) => String(input['dbClusterSnapshotIdentifier']));
      expect(new Set(names).size).toBe(2);
      for (const name of names) expect(name).toMatch(/^(?=.{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    });
  });
});

it('gives who uses it the whole time, however long it could not be read before', () => {
  const schedule = { stopPolicy: careful, timeZone: 'UTC' };
  const unknown = decideStop({ activity: 'unknown', what: 'ECONNRESET' }, undefined, schedule, 0, undefined);
  const since = unknown.go ? undefined : unknown.postponed;
  const found = decideStop(busy, since, schedule, 3 * hour, undefined);
  expect(found).toMatchObject({ go: false, postponed: { since: 3 * hour, isBusy: true } });
});
