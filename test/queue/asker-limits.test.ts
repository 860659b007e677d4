// How much one asker may have of the store: live jobs, and idempotency keys.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTurnableClock } from '../../emulator/clock.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import type { EnqueueRequest } from '../../src/queue/request.ts';
import { indexOf, jobIndexes } from '../../src/records/job.ts';
import { sweep } from '../../src/workers/sweep.ts';
import type { Store } from '../../src/records/store.ts';
import { testDoor } from '../support/door.ts';
import { endJob, endedJob, followedJob } from '../support/jobs.ts';
import { type OpenStorage, silent, storageKinds } from '../support/storages.ts';

describe.each(storageKinds())('an asker on $name', ({ open }) => {
  const clock = createTurnableClock(Date.parse('2026-11-20T10:00:00Z'));
  const limits = { NEPTUNE_OPS_JOBS_PER_KEY: 3, NEPTUNE_OPS_IDEMPOTENCY_KEYS_PER_KEY: 4 };
  let opened: OpenStorage;
  let clusters = 0;
  beforeAll(async () => void (opened = await open(clock.now)));
  afterAll(() => opened?.close());

  const ask = (
    by: string,
    more: Partial<EnqueueRequest> = {},
    cluster = `dev-${(clusters += 1)}`,
    storage = opened.storage,
  ) =>
    enqueue(
      storage,
      { ...testDoor, ...limits },
      {
        operation: 'stop-db-cluster',
        input: { dbClusterIdentifier: cluster },
        by,
        ...more,
      },
    );
  const end = (id: string) => endJob(opened.storage.store, id, { state: 'succeeded', changed: true }, 'off');
  const full = { code: 'too-many-jobs', status: 429 };

  it('has so many live jobs and no more, also with its sessions, until one has ended', async () => {
    const { job } = await ask('key:one');
    await ask('key:one');
    await ask('session:one', {}, 'shared');
    await expect(ask('key:one')).rejects.toMatchObject(full);
    await expect(ask('session:one')).rejects.toMatchObject(full);
    expect((await ask('key:one', {}, 'shared')).how).toBe('joined');
    expect((await ask('key:two')).how).toBe('created');
    await end(job.id);
    expect((await ask('session:one')).how).toBe('created');
    await expect(ask('key:one')).rejects.toMatchObject(full);
  });

  it('has no more when it asks for many at the same moment, of which none is stored yet', async () => {
    const { store } = opened.storage;
    let goOn = (): void => {};
    const free = new Promise<void>((resolve) => (goOn = resolve));
    let held = 0;
    const commit: Store['commit'] = async (changes) => {
      held += 1;
      await free;
      return store.commit(changes);
    };
    const storage = { ...opened.storage, store: { ...store, commit } };
    let refused = 0;
    const some = (length: number) =>
      Array.from({ length }, () =>
        ask('key:hasty', {}, undefined, storage).catch((error: unknown) => {
          expect(error).toMatchObject(full);
          refused += 1;
        }),
      );
    const asked = some(20);
    await expect.poll(() => [held, refused]).toEqual([3, 17]);
    asked.push(...some(20));
    await expect.poll(() => [held, refused]).toEqual([3, 37]);
    goOn();
    await Promise.all(asked);
    expect(await store.count(indexOf.live('key:hasty'))).toBe(3);
  });

  it('has no bound where it is the operator’s own: a schedule, or a program at the store', async () => {
    for (const by of ['schedule:nights', 'store']) {
      for (let jobs = 0; jobs < 5; jobs += 1) expect((await ask(by)).how).toBe('created');
    }
  });

  it('has so many idempotency keys, finds those it has, and gets room when they are forgotten', async () => {
    const by = 'key:keys';
    const { job } = await ask(by, { idempotencyKey: 'first' }, 'keys');
    for (const idempotencyKey of ['a', 'b', 'c']) {
      expect((await ask(by, { idempotencyKey }, 'keys')).how).toBe('joined');
    }
    await expect(ask(by, { idempotencyKey: 'd' }, 'keys')).rejects.toMatchObject(full);
    await expect(ask(by, { idempotencyKey: 'd' })).rejects.toMatchObject(full);
    expect((await ask(by, { idempotencyKey: 'first' }, 'keys')).how).toBe('known');
    expect((await ask(by, {}, 'keys')).how).toBe('joined');
    await end(job.id);
    clock.advance(8 * 86_400_000);
    await sweep({
      storage: opened.storage,
      deps: { operationOf: () => undefined, log: silent, events: false },
      queues: [],
      keepMs: 7 * 86_400_000,
    });
    expect((await ask(by, { idempotencyKey: 'd' })).how).toBe('created');
  });

  it('is refused only what is right otherwise', async () => {
    for (let jobs = 0; jobs < 3; jobs += 1) await ask('key:wrong');
    const wrong = ask('key:wrong', { input: { dbClusterIdentifier: '-' } });
    await expect(wrong).rejects.toMatchObject({ code: 'invalid-input' });
  });
});

describe('the index of live jobs', () => {
  it('has a job until it has ended, and never one whose asker isn’t known', () => {
    const live = (more: Parameters<typeof endedJob>[0]) => Object.keys(jobIndexes(endedJob(more)));
    expect(live({ by: 'session:a1' })).not.toContain('live/key:a1');
    const running = followedJob({ by: 'session:a1' });
    expect(Object.keys(jobIndexes(running))).toContain('live/key:a1');
    const { by: _by, ...old } = running;
    expect(Object.keys(jobIndexes(old)).filter((name) => name.startsWith('live/'))).toEqual([]);
  });
});
