// Lists may be minutes old. What contradicts a job that has just ended is asked about again as soon as it is known to be
// news, and until then the reason is shown.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/aws/inventory.ts';
import { withManualChange } from '../../../src/schedules/reconcile/manual-change.ts';
import { observe } from '../../../src/schedules/reconcile/observe.ts';
import { readOverview } from '../../../src/schedules/report/overview.ts';
import type { RunningSchedule } from '../../../src/schedules/schedule.ts';
import type { ManagedResource } from '../../../src/schedules/managed-resource.ts';
import { inMemory } from '../../support/memory-store.ts';
import { type Account, useGround } from '../account.ts';
import { evening, hour, look, minute, office, observed, managed } from '../sleeping.ts';

const second = 1_000;
const stopped = { goal: 'stopped', job: 'j', at: evening } as const;

/** Looks at a resource, each so long after its job had ended; what is remembered after the last one. */
function after(
  done: NonNullable<ManagedResource['done']>,
  first: Partial<ManagedResource>,
  looks: readonly [number, Condition][],
): ManagedResource {
  let [was, lastLook] = [managed({ condition: done.goal as Condition, ...first, done }), evening];
  for (const [wait, condition] of looks) {
    const here = look({ at: evening + wait, lastLook });
    was = withManualChange(was, observe(was, observed({ condition }), here).managed, here);
    lastLook = here.at;
  }
  return was;
}

describe('what contradicts a job that has just ended', () => {
  const isBelieved = (...looks: [number, Condition][]) => {
    const { done, doubt } = after(stopped, {}, looks);
    return done?.isUndone === true && doubt === undefined;
  };
  const isBelievedUnseen = (...looks: [number, Condition][]) => {
    return after(stopped, { condition: 'stopping' }, looks).done?.isUndone === true;
  };

  it('is believed at the second look in a row, half a minute later, where the job’s goal was shown', () => {
    expect(isBelieved([minute, 'running'])).toBe(false);
    expect(isBelieved([minute, 'running'], [minute + 29 * second, 'running'])).toBe(false);
    expect(isBelieved([minute, 'running'], [minute + 30 * second, 'running'])).toBe(true);
  });

  it('is not believed where it is shown now and then', () => {
    expect(isBelieved([minute, 'running'], [2 * minute, 'stopped'], [3 * minute, 'running'])).toBe(false);
    expect(isBelieved([minute, 'running'], [2 * minute, 'stopping'], [3 * minute, 'running'])).toBe(false);
  });

  it('is believed also where it is busy, which nothing asleep is', () => {
    expect(isBelieved([minute, 'changing'])).toBe(false);
    expect(isBelieved([minute, 'running'], [2 * minute, 'changing'])).toBe(true);
    expect(isBelieved([minute, 'changing'], [2 * minute, 'running'])).toBe(true);
    const started = after({ ...stopped, goal: 'running' }, {}, [[minute, 'changing']]);
    expect([started.doubt, started.done?.isUndone]).toEqual([undefined, undefined]);
  });

  it('is believed only after five minutes where the goal was never shown', () => {
    const looks = [1, 2, 3, 4].map((n): [number, Condition] => [n * minute, 'running']);
    expect(isBelievedUnseen(...looks)).toBe(false);
    expect(isBelievedUnseen(...looks, [5 * minute, 'running'])).toBe(true);
    expect(isBelievedUnseen([minute, 'stopped'], [2 * minute, 'running'], [3 * minute, 'running'])).toBe(true);
  });

  it('is believed at once when it is on its way there, or long after', () => {
    expect(isBelievedUnseen([minute, 'starting'])).toBe(true);
    expect(isBelievedUnseen([minute, 'stopping'])).toBe(false);
    expect(isBelievedUnseen([minute, 'changing'])).toBe(false);
    expect(isBelieved([6 * minute, 'running'])).toBe(true);
    const started = { ...stopped, goal: 'running' } as const;
    expect(after(started, {}, [[minute, 'stopping']]).done?.isUndone).toBe(true);
    expect(after(started, {}, [[minute, 'stopped']]).done?.isUndone).toBeUndefined();
  });

  it('is AWS’s where it had announced a restart then, also when that was doubted first', () => {
    const looks: [number, Condition][] = [
      [minute, 'running'],
      [2 * minute, 'running'],
    ];
    expect(after(stopped, { restartsAt: evening + minute }, looks)).not.toHaveProperty('byHand');
    expect(after(stopped, { restartsAt: evening + hour }, looks).byHand).toMatchObject({ did: 'started' });
  });
});

describe.each([inMemory])('on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  let shows: ((at: string) => Condition | undefined) | undefined;
  const doing = async () => (await readOverview(account.store, account.plan)).resources[0]?.doing;
  const hand = async () => (await account.managed('dev-1'))?.byHand?.did;
  beforeEach(async () => {
    account = ground().account('18:55');
    shows = undefined;
    account.listed = () => {
      const condition = shows?.(new Date(account.clock.now()).toISOString().slice(11, 16));
      return condition ? { condition } : {};
    };
    account.add('dev-1');
    account.tickMs = minute;
  });
  /** Until the schedule's own stop has just ended; nothing has been seen of that yet. */
  const untilStopped = async (policy: RunningSchedule['policy']) => {
    account.schedule(office(['dev-*'], { policy }));
    await account.until('19:08');
    await account.pass(minute);
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    expect((await account.jobs()).map(({ state }) => state)).toEqual(['succeeded']);
  };
  const startByHand = () => Object.assign(account.things.get('dev-1') ?? {}, { condition: 'running' });

  it('stops what a person starts right after the stop was shown, at the second look, and says why it waits', async () => {
    await untilStopped('enforce');
    await account.main.tick();
    expect(await doing()).toBeUndefined();
    startByHand();
    await account.until('19:10');
    expect(account.news()).toEqual([]);
    expect(await doing()).toBe(
      'stopped at Fri 2026-11-20 19:09; AWS’s lists may still be behind: looked at again until Fri 2026-11-20 19:14',
    );
    await account.until('19:11');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
    expect(await doing()).toBe('being stopped');
  });

  it('stops it after five minutes where no list ever showed the stop', async () => {
    await untilStopped('enforce');
    startByHand();
    await account.main.tick();
    await account.until('19:13');
    expect(account.news()).toEqual([]);
    expect(await doing()).toContain('may still be behind');
    await account.until('19:14');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
  });

  it('says that what was started has to come up before it can be stopped again', async () => {
    await untilStopped('enforce');
    account.move('dev-1', 'start');
    await account.until('19:12');
    expect(await doing()).toBe('its status is starting, which has to pass first');
    await account.until('19:17');
    expect(account.news()).toEqual(['stop-db-cluster dev-1']);
  });

  it.each(['enforce', 'respect-manual'] as const)('asks for nothing while lists flap, under %s', async (policy) => {
    shows = (at) => (['19:09', '19:11', '19:13'].includes(at) ? 'running' : undefined);
    await untilStopped(policy);
    await account.main.tick();
    await account.until('19:20');
    expect(account.news()).toEqual([]);
    expect(await hand()).toBeUndefined();
    expect(await doing()).toBeUndefined();
    shows = (at) => (['07:11', '07:13'].includes(at) ? 'stopped' : undefined);
    await account.until('07:30');
    expect(account.news()).toEqual(['start-db-cluster dev-1']);
    expect(await hand()).toBeUndefined();
  });

  it.each([true, false])('leaves it to the person under respect-manual, shown before: %s', async (isShown) => {
    await untilStopped('respect-manual');
    if (isShown) await account.main.tick();
    startByHand();
    if (!isShown) await account.main.tick();
    await account.until('19:10');
    expect([await hand(), account.news()]).toEqual([undefined, []]);
    await account.until(isShown ? '19:11' : '19:14');
    expect(await hand()).toBe('started');
    await account.until('06:50');
    expect(account.news()).toEqual([]);
  });

  it('takes no list from before its job for a person’s doing while the job goes on', async () => {
    shows = (at) => (at === '19:05' ? 'running' : undefined);
    await untilStopped('respect-manual');
    await account.until('19:20');
    expect(await hand()).toBeUndefined();
  });
});
