// What many readers of the same jobs share: one look for all.
import { afterEach, describe, expect, it } from 'vitest';
import { JobWatch } from '../../src/queue/job-watch.ts';
import { keyOf } from '../../src/records/job.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { endedJob } from '../support/jobs.ts';

describe('a watch', () => {
  const store = createMemoryStore(() => 0);
  const watch = new JobWatch(store);
  afterEach(() => watch.close());

  it('goes on telling who came after one that was stopped twice', async () => {
    await store.commit([{ op: 'create', key: keyOf.job('a'), value: endedJob({ id: 'a' }) }]);
    const told: string[] = [];
    const stop = watch.subscribe('a', () => told.push('first'));
    stop();
    watch.subscribe('a', () => told.push('second'));
    stop();
    await expect.poll(() => told).toContain('second');
    expect(told).not.toContain('first');
  });
});
