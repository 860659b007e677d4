// Where queues and records are, and what may not be taken from under them.
import { describe, expect, it } from 'vitest';
import { refuseLostTargets } from '../../src/queue/lost-targets.ts';
import { openStorage } from '../../src/queue/storage.ts';
import { jobIndexes, keyOf } from '../../src/records/job.ts';
import { endedJob, followedJob } from '../support/jobs.ts';
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts';
import { silent, storageKinds } from '../support/storages.ts';
import { patience } from '../support/patience.ts';

describe.runIf(hasRedisServer())('a REDIS_URL that names a database in its query', () => {
  it('leads producers and workers to the same one', async () => {
    const server = await startRedisServer();
    const storage = await openStorage({
      redisUrl: `${server.url}?db=2`,
      redisTimeoutMs: patience,
      dataDir: '',
      log: silent,
    });
    const seen: string[] = [];
    const worker = storage.worker('default.neptune', async (job) => void seen.push(job.name), {});
    await storage.queue('default.neptune').add('found', {});
    await expect.poll(() => seen).toEqual(['found']);
    await worker.close();
    await storage.close();
    await server.stop();
  });
});

describe.each(storageKinds())('a target that is taken out of the settings, on $name', (kind) => {
  it('is refused while a job that isn’t over needs it, and not after', async () => {
    const place = await kind.open();
    const { store } = place.storage;
    const live = followedJob({ target: 'prod', dueAt: Date.now() });
    const created = await store.commit([
      { op: 'create', key: keyOf.job(live.id), value: live, indexes: jobIndexes(live) },
    ]);
    await expect(refuseLostTargets(store, [{ name: 'default' }])).rejects.toThrow('“prod”');
    await expect(refuseLostTargets(store, [{ name: 'default' }, { name: 'prod' }])).resolves.toBeUndefined();
    const over = endedJob({ target: 'prod', event: 'sent' });
    if (created.ok && created.written[0]) {
      await store.commit([{ op: 'replace', was: created.written[0], value: over, indexes: jobIndexes(over) }]);
    }
    await expect(refuseLostTargets(store, [{ name: 'default' }])).resolves.toBeUndefined();
    await place.close();
  });
});
