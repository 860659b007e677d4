// What people are told: the same that is done, and why.
import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../../src/errors.ts';
import { keepOn, pause } from '../../../src/schedules/exceptions.ts';
import { readOverview } from '../../../src/schedules/report/overview.ts';
import { storeKinds } from '../../support/stores.ts';
import { type Account, useGround } from '../account.ts';
import { hour, nightly, office } from '../sleeping.ts';

const who = { by: 'ann', reason: 'demo' };

describe.each(storeKinds())('on $name', (kind) => {
  const ground = useGround(kind);
  let account: Account;
  beforeEach(() => {
    account = ground().account('18:40');
    account.schedule(office(['dev-*', 'g-*']));
    account.add('dev-1');
  });
  const overview = () => readOverview(account.store, account.plan);
  const resource = async () => (await overview()).resources[0];

  it('tells what each resource is, should be and will be', async () => {
    await account.until('18:50');
    expect(await overview()).toMatchObject({
      at: account.clock.now(),
      resources: [
        {
          resource: 'default/db-cluster/dev-1',
          schedule: 'office',
          status: 'available',
          condition: 'running',
          should: 'running',
          why: 'office says running until Fri 2026-11-20 19:00',
          next: { at: Date.parse('2026-11-20T19:00:00Z'), running: false },
        },
      ],
      schedules: [{ resources: 1, troubles: ['no graph in default is called g-*'] }],
      troubles: [],
    });
    expect(await resource()).not.toHaveProperty('doing');
  });

  it('tells what is being done, what is in the way, and what went wrong', async () => {
    account.works = false;
    account.things.get('dev-1')!.use = { activity: 'busy', what: '1 query' };
    await account.until('19:00');
    expect((await resource())?.doing).toContain('in use (1 query)');
    account.things.get('dev-1')!.use = { activity: 'idle' };
    await account.until('19:10');
    const [job] = await account.jobs();
    expect(await resource()).toMatchObject({ should: 'stopped', doing: 'being stopped', job: job?.id });
    await account.end(job?.id ?? '', 'failed', 'no room');
    await account.until('19:20');
    expect((await resource())?.doing).toMatch(/failed: no room; tried again at 2026-11-20T19:25/);
  });

  it('tells of leases, pauses, contradictions and restarts', async () => {
    await account.until('20:00');
    expect((await resource())?.restartsAt).toBeGreaterThan(account.clock.now());
    await pause(account.store, { schedule: 'office', ...who });
    expect(await resource()).toMatchObject({ should: 'left', why: 'office is paused by ann: demo' });
    expect((await overview()).schedules[0]?.pause).toMatchObject(who);
    await keepOn(account.store, { resource: 'default/db-cluster/dev-1', until: account.clock.now() + hour, ...who });
    expect(await resource()).toMatchObject({ should: 'running', keepOn: who });
    account.schedule(office(['dev-*']), office(['dev-1'], { name: 'other' }));
    expect((await resource())?.why).toContain('equal priority apply: office, other');
  });

  it('tells of what is gone, and of what can’t be looked at', async () => {
    await account.until('18:50');
    account.things.delete('dev-1');
    account.trouble.look = (which) => {
      if (which === 'graph') throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    };
    await account.until('19:00');
    expect(await resource()).toMatchObject({ condition: 'gone', status: 'gone', should: 'left' });
    const { troubles, schedules } = await overview();
    expect(troubles).toEqual([
      { target: 'default', what: 'graphs can’t be looked at since 2026-11-20T19:00:00.000Z: AccessDeniedException' },
    ]);
    expect(schedules[0]?.troubles).toContain('no DB cluster in default is called dev-*');
    account.trouble = {};
    await account.until('19:10');
    expect((await overview()).troubles).toEqual([]);
  });

  it('tells of crons: when next, on how many, and what was refused', async () => {
    account.schedule(nightly());
    account.add('g-0000000001');
    account.trouble.ask = () => {
      throw new ServiceError('forbidden', 'not now');
    };
    account.tickMs = hour;
    await account.until('03:00');
    expect((await overview()).schedules).toMatchObject([
      {
        resources: 1,
        next: { at: Date.parse('2026-11-22T02:30:00Z') },
        troubles: ['default/graph/g-0000000001: not now'],
      },
    ]);
  });

  it('leaves out what no schedule means', async () => {
    account.add('prod-1');
    account.schedule(office(['kind=dev']));
    await account.until('18:50');
    expect((await overview()).resources).toEqual([]);
  });
});
