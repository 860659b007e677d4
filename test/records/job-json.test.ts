import { describe, expect, it } from 'vitest';
import { percentOf } from '../../src/records/job-json.ts';
import { endedJob, followedJob } from '../support/jobs.ts';

describe('how far a job is', () => {
  it('is what AWS tells, and all of it once the job has succeeded', () => {
    expect(percentOf(followedJob())).toBeUndefined();
    expect(percentOf(followedJob({ progress: { percent: 41.6 } }))).toBe(42);
    expect(percentOf(endedJob({ progress: { percent: 97 } }))).toBe(100);
    expect(percentOf(endedJob({ state: 'failed', progress: { percent: 97 } }))).toBe(97);
  });

  it('is not known of a progress without a percentage', () => {
    expect(percentOf({ state: 'running', progress: null })).toBeUndefined();
    expect(percentOf({ state: 'running', progress: { statementCount: 3 } })).toBeUndefined();
  });
});
