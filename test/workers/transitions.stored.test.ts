// Records as the release before stored them, oddities included, are read and go on: whatever happens to such a job next is a
// transition, and its life ends.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { operationOf } from '../../src/handlers/index.ts';
import { type JobRecord, jobIndexes } from '../../src/records/job.ts';
import { jobJson } from '../../src/records/job-json.ts';
import { type Event, type Happening, next } from '../../src/workers/transitions.ts';

interface Oddity {
  readonly name: string;
  /** What is odd about it. */
  readonly what: string;
  readonly record: JobRecord;
}

const stored = JSON.parse(
  readFileSync(new URL('recorded/oddities.json', import.meta.url), 'utf8'),
) as readonly Oddity[];

const watch = { kind: 'watch', timing: { firstPoll: 1, poll: [1, 2], deadline: 10, settle: 0 } } as const;

function eventOf(job: JobRecord, happening: Happening, at = job.createdAt + 60_000): Event {
  const operation = operationOf(job.operation) ?? watch;
  return { ...happening, at, jitter: 0.5, stalls: 0, bounds: {}, events: true, operation: operation as never };
}

const seen = (verdict: 'pending' | 'succeeded'): Happening => ({ type: 'looked', seen: { status: verdict, verdict } });

describe.each(stored)('a stored job: $name', ({ record }) => {
  it('is in its indexes, and is shown', () => {
    expect(Object.keys(jobIndexes(record))).toContain('jobs');
    expect(jobJson(record)).toMatchObject({ id: record.id, state: record.state });
  });

  it('goes on, and comes to an end', () => {
    if (record.phase === 'over') {
      expect(next(record, eventOf(record, { type: 'event-changed', to: 'sent' })).job).toMatchObject({ event: 'sent' });
      return;
    }
    if (record.phase === 'line') {
      expect(next(record, eventOf(record, { type: 'turn-given' })).job).toMatchObject({ phase: 'look' });
      return;
    }
    // As the lifecycle does, which finds nothing to look for where an early release left no intent.
    const isWithout = (record.phase === 'settle' || record.phase === 'rest') && record.intent === undefined;
    const nothing: Happening = { type: record.phase === 'rest' ? 'deadline-passed' : 'not-sent' };
    const { job, effect } = next(record, eventOf(record, isWithout ? nothing : seen('pending')));
    expect(job.transition).toBe(record.transition + 1);
    expect(['look-again', 'rest', 'hand-over']).toContain(effect.do);
    const last = job.phase === 'over' ? job : next(job, eventOf(job, { type: 'deadline-passed' }, job.deadline)).job;
    expect(last.phase).toBe('over');
  });
});
