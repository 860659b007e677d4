// A store that fails at any commit of a job's life: gone before it, its answer lost, or its success answered as a refusal
// because the client sent it twice.
import { expect, it } from 'vitest';
import { type JobRecord, keyOf } from '../../src/records/job.ts';
import type { Store } from '../../src/records/store.ts';
import { LostJob, StoreTrouble } from '../../src/workers/job-file.ts';
import { Driver } from '../support/driver.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

const ways = {
  'is not made': async () => Promise.reject(new Error('the store is gone')),
  'loses its answer': async (commit: () => ReturnType<Store['commit']>) => {
    await commit();
    throw new Error('the answer was lost');
  },
  'is made and answered as refused': async (commit: () => ReturnType<Store['commit']>) => {
    const { ok } = await commit();
    return ok ? ({ ok: false, refused: 0 } as const) : commit();
  },
} as const;

const operations = [
  ['stop-db-cluster', 'stop-db-cluster'],
  ['fast-reset', 'reset'],
] as const;

describeLifecycle('a commit', (suite) => {
  it.each(
    operations.flatMap(([operation, effect]) =>
      (Object.keys(ways) as (keyof typeof ways)[]).map((way) => [way, operation, effect] as const),
    ),
  )('that %s costs a %s nothing, at whichever step', async (way, operation, effect) => {
    for (let failing = 1; ; failing += 1) {
      const id = await suite.cluster({ dataPlane: true, data: 4 });
      const confirm = operation === 'fast-reset' ? { confirm: id } : {};
      const job = await suite.driver.ask(operation, { dbClusterIdentifier: id, ...confirm });
      const { store } = suite.outside;
      let commits = 0;
      let triedWithoutSending = false;
      const commit: Store['commit'] = async (changes) => {
        commits += 1;
        if (commits !== failing) return store.commit(changes);
        triedWithoutSending = changes.some(
          (change) => 'value' in change && (change.value as JobRecord).phase === 'settle',
        );
        return ways[way](() => store.commit(changes));
      };
      const driver = new Driver(
        { ...suite.outside, store: { ...store, commit } },
        { resettable: suite.driver.resettable },
      );
      for (let goesOn = true; goesOn;) {
        goesOn = await driver.step().catch((error: Error) => {
          const known = error instanceof LostJob || error instanceof StoreTrouble;
          if (!known && !/answer was lost|store is gone/.test(error.message)) throw error;
          return true;
        });
      }
      driver.close();
      const { outcome, event, resource, request, trouble } = await suite.driver.job(job.id);
      const at = `commit ${failing} of ${commits}`;
      const none = operation === 'fast-reset' && triedWithoutSending && way !== 'is not made';
      expect(suite.driver.effects(effect, `db-cluster/${id}`), at).toBe(none ? 0 : 1);
      expect(outcome, at).toMatchObject(none ? { code: 'reset-not-confirmed' } : { state: 'succeeded' });
      expect(event, at).toBe('sent');
      expect(trouble.bugs, at).toBe(0);
      expect(new Set(suite.driver.events(job.id).map(({ body }) => body)).size, at).toBe(1);
      const left = await store.read([keyOf.turn(resource), keyOf.request(request)]);
      expect(left.records, at).toEqual([undefined, undefined]);
      if (failing > commits) {
        expect(failing).toBeGreaterThan(4);
        return;
      }
    }
  });
});
