// Operations by cron: once a run and resource, the latest missed run and no other.
import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../../src/errors.ts';
import { holdOff, holdOn } from '../../../src/queue/hold.ts';
import type { CronState } from '../../../src/schedules/reconcile/cron-runs.ts';
import { cronKey } from '../../../src/schedules/reconcile/cron-runs.ts';
import { pause, resume } from '../../../src/schedules/exceptions.ts';
import { inMemory } from '../../support/memory-store.ts';
import { type Account, useGround } from '../account.ts';
import { day, nightly, selection } from '../sleeping.ts';

const who = { by: 'ann', reason: 'move' };

describe.each([inMemory])('on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  beforeEach(() => {
    account = ground().account('01:50');
    account.schedule(nightly());
    account.add('g-0000000001');
    account.add('g-0000000002');
  });
  const state = async () => (await account.store.read([cronKey('nightly')])).records[0]?.value as CronState | undefined;
  const inputs = async () => (await account.jobs()).map(({ input }) => input['snapshotName']);
  const both = ['create-graph-snapshot g-0000000001', 'create-graph-snapshot g-0000000002'];

  it('runs on each resource when it is time, with its input filled in', async () => {
    account.add('g-0000000003', { condition: 'lost' });
    account.things.delete('g-0000000003');
    await account.until('02:20');
    expect(account.news()).toEqual([]);
    await account.until('02:30');
    expect(account.news().sort()).toEqual(both);
    expect((await inputs()).sort()).toEqual(['nightly-20261120-g-0000000001', 'nightly-20261120-g-0000000002']);
    await account.until('02:20');
    expect(account.news()).toEqual([]);
    await account.until('02:30');
    expect(account.news()).toHaveLength(2);
  });

  it('runs once without resources, in the target that is named', async () => {
    const input = { graphIdentifier: 'g-0123456789', snapshotName: 'at-{time}' };
    account.schedule(nightly({ applies: [], input, target: 'other' }));
    await account.until('02:40');
    expect((await account.jobs()).map((job) => [job.target, job.by, job.input])).toEqual([
      ['other', 'schedule:nightly', { ...input, snapshotName: 'at-0230' }],
    ]);
  });

  it('makes up for the latest missed run only', async () => {
    await account.until('02:20');
    await account.pass(3 * day);
    await account.main.tick();
    expect(account.news()).toHaveLength(2);
    expect(new Set(await inputs())).toEqual(
      new Set(['nightly-20261122-g-0000000001', 'nightly-20261122-g-0000000002']),
    );
  });

  it('runs nothing of the time before it was there, nor before it was changed', async () => {
    await account.until('12:00');
    account.news();
    account.schedule(nightly(), nightly({ name: 'other' }));
    await account.until('12:10');
    account.schedule(nightly({ cron: '0 10 * * *' }), nightly({ name: 'other', timeZone: 'Europe/Berlin' }));
    await account.until('12:30');
    expect(account.news()).toEqual([]);
    await account.until('10:00');
    expect(account.news()).toHaveLength(4);
  });

  it('skips the runs of a pause for good', async () => {
    await account.until('02:00');
    await pause(account.store, { schedule: 'nightly', ...who });
    await account.until('03:00');
    await resume(account.store, 'nightly');
    await account.until('04:00');
    expect(account.news()).toEqual([]);
  });

  it.each(['all', 'default'])('asks for nothing while a hold is on for %s, and makes up for it', async (target) => {
    await account.until('02:00');
    await holdOn(account.store, { target, ...who });
    await account.until('04:00');
    expect(account.news()).toEqual([]);
    await holdOff(account.store, target);
    await account.until('04:10');
    expect(account.news()).toHaveLength(2);
  });

  it('keeps what was refused, until the next run', async () => {
    account.trouble.ask = ({ input }) => {
      if ((input as { graphIdentifier: string }).graphIdentifier.endsWith('1'))
        throw new ServiceError('forbidden', 'no');
    };
    await account.until('02:40');
    expect(account.news()).toEqual([both[1]]);
    expect((await state())?.refusals).toEqual([{ resource: 'default/graph/g-0000000001', what: 'no' }]);
    account.trouble = {};
    await account.until('02:40');
    expect((await state())?.refusals).toEqual([]);
  });

  it('goes on with the others when one is in trouble, and asks for that one again', async () => {
    let odd = true;
    account.trouble.ask = ({ input }) => {
      if (odd && (input as { graphIdentifier: string }).graphIdentifier.endsWith('1')) throw new TypeError('odd');
    };
    await account.until('02:40');
    expect(account.news()).toEqual([both[1]]);
    odd = false;
    await account.until('02:50');
    expect(account.news()).toEqual([both[0]]);
    await account.until('04:00');
    expect(account.news()).toEqual([]);
  });

  it('asks once a resource, however many processes there are', async () => {
    const [one, two] = [account.process(), account.process()];
    await account.until('02:20', one);
    await account.until('02:20', two);
    await account.until('02:20', one);
    account.news();
    await account.pass(account.tickMs);
    await Promise.all([one.tick(), two.tick(), one.tick()]);
    expect(account.news()).toHaveLength(2);
  });

  it('runs on what was seen last where graphs can’t be looked at now, and says what was never seen', async () => {
    await account.until('02:00');
    account.trouble.look = () => {
      throw new Error('no');
    };
    await account.until('02:30', account.process());
    expect(account.news()).toHaveLength(2);
    const blind = ground().account('01:50');
    blind.schedule(nightly({ applies: [selection('g-*')] }));
    blind.trouble = account.trouble;
    await blind.until('02:40');
    const { value } = (await blind.store.read([cronKey('nightly')])).records[0] as { value: CronState };
    expect(value.refusals).toEqual([{ resource: 'default/graph', what: 'could not be looked at' }]);
  });
});
