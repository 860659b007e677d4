// The turn of a resource: one job at a time whatever its operation, the line behind it, joining, and the hand-over.
import { expect, it } from 'vitest';
import { type Turn, indexOf, keyOf } from '../../src/records/job.ts';
import type { Store } from '../../src/records/store.ts';
import { Driver } from '../support/driver.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';
import { storeKinds } from '../support/stores.ts';

describeLifecycle(
  'the turn of a resource',
  (suite) => {
    const { cluster, advance } = suite;
    const ask = (operation: string, id: string, onBusy: 'wait' | 'refuse' = 'wait', more = {}) =>
      suite.driver.ask(
        operation,
        { dbClusterIdentifier: id, ...(operation === 'fast-reset' ? { confirm: id } : {}) },
        { onBusy, ...more },
      );
    const holder = async (resource: string) =>
      ((await suite.outside.store.read([keyOf.turn(resource)])).records[0]?.value as Turn | undefined)?.job;

    it('a stop and a reset of one cluster exclude each other, though they use different APIs', async () => {
      const id = await cluster({ dataPlane: true });
      const stop = await ask('stop-db-cluster', id);
      await expect(ask('fast-reset', id, 'refuse')).rejects.toMatchObject({
        code: 'resource-busy',
        details: { holder: stop.id },
      });
      await expect(ask('start-db-cluster', id, 'refuse')).rejects.toMatchObject({ code: 'resource-busy' });
      const reset = await ask('fast-reset', id);
      expect(reset).toMatchObject({ state: 'waiting', phase: 'line' });
      await suite.driver.until(stop.id, 'follow');
      expect(suite.driver.effects('initiate-reset', `db-cluster/${id}`)).toBe(0);
      expect((await suite.driver.end(reset.id)).outcome).toMatchObject({ state: 'failed', code: 'cluster-stopped' });
    });

    it('is not stranded by the place in line of a job that is gone from the store', async () => {
      const id = await cluster();
      const [stop, gone] = [await ask('stop-db-cluster', id), await ask('start-db-cluster', id)];
      const { store } = suite.outside;
      const [stored] = (await store.read([keyOf.job(gone.id)])).records;
      // As an evicted document leaves it: its places in the indexes stay.
      if (stored) await store.commit([{ op: 'delete', was: { ...stored, indexes: {} } }]);
      expect((await suite.driver.end(stop.id)).state).toBe('succeeded');
      expect(await holder(stop.resource)).toBeUndefined();
      const { stale } = await store.page(indexOf.due, { order: 'oldest', limit: 100 });
      await store.prune(indexOf.due, stale);
    });

    it('goes to those who wait in the order in which they came, one after the other', async () => {
      const id = await cluster({ dataPlane: true, data: 3 });
      const order = ['stop-db-cluster', 'start-db-cluster', 'fast-reset'];
      const jobs = [];
      for (const operation of order) {
        jobs.push(await ask(operation, id));
        advance(5);
      }
      await suite.driver.drive();
      const ended = await Promise.all(jobs.map((job) => suite.driver.job(job.id)));
      expect(ended.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
      for (const [index, job] of ended.entries()) {
        const before = ended[index - 1];
        if (before) expect(job.startedAt ?? 0).toBeGreaterThanOrEqual(before.finishedAt ?? Infinity);
      }
      // The first was added when it was accepted, each other one when it got its turn… by whoever ended the turn before.
      expect(suite.driver.visits.flatMap(({ nextInLine }) => (nextInLine ? [nextInLine.id] : []))).toEqual(
        jobs.slice(1).map((job) => job.id),
      );
      expect(await holder(ended[0]?.resource ?? '')).toBeUndefined();
    });

    it('many that come at the same moment wait in one line, and each is served once', async () => {
      const graphIdentifier = suite.graph();
      const jobs = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          suite.driver.ask(
            'create-graph-snapshot',
            { graphIdentifier, snapshotName: `n${graphIdentifier.slice(2)}-${i}` },
            { onBusy: 'wait' },
          ),
        ),
      );
      expect(jobs.filter(({ phase }) => phase === 'look')).toHaveLength(1);
      expect(await suite.outside.store.count(indexOf.line(jobs[0]?.resource ?? ''))).toBe(29);
      await suite.driver.drive();
      const ended = await Promise.all(jobs.map(({ id }) => suite.driver.job(id)));
      expect(new Set(ended.map(({ state }) => state))).toEqual(new Set(['succeeded']));
      expect(suite.driver.effects('create-graph-snapshot', `graph/${graphIdentifier}`)).toBe(30);
    });

    it('an equal request joins the running job; the same resource under another operation does not', async () => {
      const id = await cluster();
      const request = { operation: 'stop-db-cluster', input: { dbClusterIdentifier: id } };
      const first = await suite.driver.enqueue(request);
      const second = await suite.driver.enqueue({ ...request, input: { dbClusterIdentifier: id.toUpperCase() } });
      expect([first.how, second.how, second.job.id]).toEqual(['created', 'joined', first.job.id]);
      await suite.driver.end(first.job.id);
      const third = await suite.driver.enqueue(request);
      expect(third.how).toBe('created');
      expect(suite.driver.effects('stop-db-cluster', `db-cluster/${id}`)).toBe(1);
    });

    it('a known idempotency key gives the same job, also when that has ended, and no other request', async () => {
      const id = await cluster();
      const request = { operation: 'stop-db-cluster', input: { dbClusterIdentifier: id }, idempotencyKey: `key-${id}` };
      const first = await suite.driver.enqueue(request);
      await suite.driver.end(first.job.id);
      const again = await suite.driver.enqueue(request);
      expect([again.how, again.job.id, again.job.state]).toEqual(['known', first.job.id, 'succeeded']);
      await expect(suite.driver.enqueue({ ...request, operation: 'start-db-cluster' })).rejects.toMatchObject({
        code: 'idempotency-key-reused',
      });
      expect(suite.driver.effects('stop-db-cluster', `db-cluster/${id}`)).toBe(1);
    });

    it('watching takes no turn', async () => {
      const taskIdentifier = suite.importTask();
      const watch = await suite.driver.ask('watch-import-task', { taskIdentifier });
      const cancel = await suite.driver.ask('cancel-import-task', { taskIdentifier }, { onBusy: 'refuse' });
      expect(await holder(cancel.resource)).toBe(cancel.id);
      await suite.driver.drive();
      expect((await suite.driver.job(cancel.id)).outcome).toMatchObject({ state: 'succeeded' });
      expect((await suite.driver.job(watch.id)).outcome).toMatchObject({ state: 'cancelled', status: 'CANCELLED' });
    });

    it('ends with the outcome, not with the delivery of the event', async () => {
      const id = await cluster();
      suite.switches.throttle({ api: 'sqs' });
      const [stop, start] = [await ask('stop-db-cluster', id), await ask('start-db-cluster', id)];
      await suite.driver.drive(async () => (await suite.driver.job(start.id)).phase === 'over');
      expect(await suite.driver.job(stop.id)).toMatchObject({ state: 'succeeded', event: 'pending' });
      suite.switches.clear();
      await suite.driver.drive();
      expect(await suite.driver.job(stop.id)).toMatchObject({ event: 'sent' });
    });

    it.each(['failed', 'timed-out', 'cancelled'] as const)('is handed over by a job that %s', async (how) => {
      const id = await cluster();
      const stop = await ask('stop-db-cluster', id);
      const start = await ask('start-db-cluster', id);
      if (how === 'failed') suite.switches.fault({ code: 'AccessDenied' }, { action: 'DescribeDBClusters', times: 1 });
      if (how === 'timed-out') {
        advance(stop.deadline - suite.outside.clock.now() + 1);
        await suite.driver.visit(stop.id);
      }
      if (how === 'cancelled') await suite.driver.cancel(stop.id);
      await suite.driver.drive();
      expect(await suite.driver.job(stop.id)).toMatchObject({ state: how, outcome: { changed: false } });
      const started = await suite.driver.job(start.id);
      expect(started.state).toBe(how === 'timed-out' ? 'timed-out' : 'succeeded');
      expect(await holder(stop.resource)).toBeUndefined();
      expect(suite.driver.events(start.id)).toHaveLength(1);
    });

    it('whoever waits past its own deadline leaves the line, with an event, and nothing is asked for it', async () => {
      const id = await cluster();
      suite.account.durations.stopMs = 600_000;
      const stop = await ask('stop-db-cluster', id);
      const soon = new Date(suite.outside.clock.now() + 60_000).toISOString();
      const start = await ask('start-db-cluster', id, 'wait', { deadline: soon });
      await suite.driver.drive();
      suite.account.durations.stopMs = 4_000;
      expect((await suite.driver.job(start.id)).outcome).toMatchObject({ state: 'timed-out', changed: false });
      expect((await suite.driver.job(stop.id)).outcome).toMatchObject({ state: 'succeeded' });
      expect(suite.driver.events(start.id)).toHaveLength(1);
      expect(suite.driver.effects('start-db-cluster', `db-cluster/${id}`)).toBe(0);
    });

    it('whoever is cancelled in line leaves it, and the one behind moves up', async () => {
      const id = await cluster({ dataPlane: true });
      const [stop, start, reset] = [
        await ask('stop-db-cluster', id),
        await ask('start-db-cluster', id),
        await ask('fast-reset', id),
      ];
      await suite.driver.cancel(start.id);
      expect(await suite.driver.visit(start.id)).toMatchObject({ effect: { do: 'end' } });
      await suite.driver.end(reset.id);
      const states = await Promise.all(
        [stop, start, reset].map(async (job) => (await suite.driver.job(job.id)).outcome),
      );
      expect(states).toMatchObject([
        { state: 'succeeded' },
        { state: 'cancelled', changed: false },
        { state: 'failed', code: 'cluster-stopped' },
      ]);
    });

    it('a visit to a job in line does nothing', async () => {
      const id = await cluster();
      await ask('stop-db-cluster', id);
      const start = await ask('start-db-cluster', id);
      expect(await suite.driver.visit(start.id)).toMatchObject({ effect: { do: 'nothing' }, job: { phase: 'line' } });
      expect(await suite.driver.job(start.id)).toMatchObject({ phase: 'line', polls: 0 });
    });

    it('who joins the line while the turn before is being freed is not stranded in it', async () => {
      const id = await cluster();
      const stop = await ask('stop-db-cluster', id);
      let late: string | undefined;
      const { store } = suite.outside;
      const page: Store['page'] = async (index, request) => {
        const found = await store.page<never>(index, request);
        if (index.startsWith('line/')) late ??= (await ask('start-db-cluster', id)).id;
        return found;
      };
      const slow = new Driver({ ...suite.outside, store: { ...store, page } });
      await slow.drive();
      expect((await suite.driver.job(stop.id)).outcome).toMatchObject({ state: 'succeeded' });
      expect((await suite.driver.job(late ?? '')).outcome).toMatchObject({ state: 'succeeded', changed: true });
      slow.close();
    });

    it('who wants to join the line of a turn that has just been freed gets the turn itself', async () => {
      const id = await cluster();
      const stop = await ask('stop-db-cluster', id);
      const { store } = suite.outside;
      let ended = false;
      const read: Store['read'] = async (keys) => {
        const found = await store.read(keys);
        if (!ended) {
          ended = true;
          await suite.driver.end(stop.id);
        }
        return found;
      };
      const slow = new Driver({ ...suite.outside, store: { ...store, read } });
      const start = await slow.ask('start-db-cluster', { dbClusterIdentifier: id }, { onBusy: 'wait' });
      expect(start.phase).toBe('look');
      expect((await suite.driver.end(start.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
      slow.close();
    });
  },
  storeKinds(),
);
