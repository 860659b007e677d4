import { describe, expect, it } from 'vitest';
import { type JobRecord, type JobResting, noTrouble } from '../../src/records/job.ts';
import type { Visited } from '../../src/workers/lifecycle.ts';
import { logLines } from '../../src/workers/job-log.ts';
import { type AnyJob, endedJob, followedJob } from '../support/jobs.ts';

const created = Date.parse('2026-11-20T10:00:00Z');
const now = created + 90_000;

const seen = (job: JobRecord, at: number, more: { asked?: true } = {}): Visited => ({
  job,
  effect: { do: 'look-again', at, ...more },
});
const over = (job: JobRecord): Visited => ({ job, effect: { do: 'end' } });

const again = (parts: Partial<AnyJob>, more: { asked?: true } = {}) =>
  logLines(seen(followedJob(parts), now + 30_000, more), { first: false, now });

describe('the log of a job', () => {
  it('begins with when it was accepted, and by when it ends', () => {
    expect(
      logLines(seen(followedJob({ by: 'schedule:nights' }), now + 30_000, { asked: true }), { first: true, now }),
    ).toEqual([
      '2026-11-20 10:00:00 Accepted, to be ended by 12:00:00 (times are UTC). Asked for by schedule:nights.',
      '10:01:30 Asked AWS to stop-db-cluster; AWS accepted. Next look at 10:02:00.',
    ]);
  });

  it('says at each look what AWS said, and when the next is', () => {
    expect(again({})).toEqual(['10:01:30 AWS says “stopping”. Next look at 10:02:00.']);
    expect(again({ progress: { percent: 41.6 } })).toEqual([
      '10:01:30 AWS says “stopping”, 42 %. Next look at 10:02:00.',
    ]);
    expect(again({ phase: 'look', state: 'waiting', status: 'starting', reason: 'It is being started' })).toEqual([
      '10:01:30 Waits. AWS says “starting”. It is being started. Next look at 10:02:00.',
    ]);
    expect(again({ phase: 'settle' })).toEqual([
      '10:01:30 The answer of AWS was lost; looks for a sign of the change. AWS says “stopping”. Next look at 10:02:00.',
    ]);
  });

  it('says what trouble it met, in no more than a few lines', () => {
    const trouble = { ...noTrouble, faults: 2, code: 'InternalFailure', message: 'x'.repeat(2_000) };
    const [line = ''] = again({ trouble });
    expect(line).toMatch(/^10:01:30 Met InternalFailure: x+… Next try at 10:02:00\.$/);
    expect(line.length).toBeLessThan(400);
  });

  it('keeps to one line whatever AWS says, so that nothing of it looks like a line of ours', () => {
    const message = 'No.\r\n\t10:01:31 Ended: succeeded.\u001b[2K\u0000';
    expect(again({ trouble: { ...noTrouble, faults: 1, code: 'Odd', message } })).toEqual([
      '10:01:30 Met Odd: No. 10:01:31 Ended: succeeded. [2K. Next try at 10:02:00.',
    ]);
    expect(again({ reason: ' \n ' })).toEqual(['10:01:30 AWS says “stopping”. Next look at 10:02:00.']);
  });

  it('dates what happens on another day than the one on which it was accepted', () => {
    const later = created + 86_400_000;
    expect(logLines(seen(followedJob(), later + 5_000), { first: false, now: later })).toEqual([
      '2026-11-21 10:00:00 AWS says “stopping”. Next look at 10:00:05.',
    ]);
  });

  it('ends with how the job ended', () => {
    expect(logLines(over(endedJob()), { first: false, now })).toEqual([
      '10:01:30 Ended: succeeded. AWS says “stopped”.',
    ]);
    const outcome = {
      state: 'failed',
      changed: false,
      code: 'cluster-not-found',
      reason: 'There is no such cluster',
    } as const;
    expect(logLines(over(endedJob({ state: 'failed', outcome })), { first: false, now })).toEqual([
      '10:01:30 Ended: failed (cluster-not-found). There is no such cluster.',
    ]);
    const outcome2 = { state: 'cancelled', changed: true } as const;
    const ended = { ...endedJob({ state: 'cancelled', outcome: outcome2 }), intent: { number: 1, at: created } };
    const cancelled: JobResting = { ...ended, phase: 'rest', dueAt: now + 1_000 };
    expect(logLines({ job: cancelled, effect: { do: 'rest', at: now + 1_000 } }, { first: false, now })).toEqual([
      '10:01:30 Ended: cancelled. Its resource still moves and keeps the turn. Next look at 10:01:31.',
    ]);
  });

  it('is short of one in line', () => {
    const inLine = followedJob({ phase: 'line', state: 'waiting' });
    expect(logLines({ job: inLine, effect: { do: 'nothing' } }, { first: true, now })).toEqual([
      '2026-11-20 10:01:30 Waits in line; the end of the turn before wakes it.',
    ]);
  });
});
