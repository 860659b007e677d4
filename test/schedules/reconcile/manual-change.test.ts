// Whose hand it was: a person's, AWS's, or our own.
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/aws/inventory.ts';
import { withManualChange } from '../../../src/schedules/reconcile/manual-change.ts';
import { type ResourceLook, observe } from '../../../src/schedules/reconcile/observe.ts';
import type { ManagedResource } from '../../../src/schedules/managed-resource.ts';
import { day, evening, hour, look, minute, observed, managed } from '../sleeping.ts';

const handed = (was: ManagedResource, condition: Condition, more: Partial<ResourceLook> = {}) =>
  withManualChange(was, observe(was, observed({ condition }), look(more)).managed, look(more));

describe('whose hand it was', () => {
  const stopped = managed({ condition: 'stopped', restartsAt: evening + 3 * day });
  const hand = (was: ManagedResource, condition: Condition, more: Partial<ResourceLook> = {}) =>
    handed(was, condition, more).byHand;

  it('is a person’s when it was started or stopped without a job, until the next boundary', () => {
    const until = Date.parse('2026-11-21T07:00:00Z');
    expect(hand(stopped, 'starting')).toEqual({ did: 'started', seenAt: evening, until });
    expect(hand(stopped, 'running')).toEqual({ did: 'started', seenAt: evening, until });
    expect(hand(stopped, 'changing')).toEqual({ did: 'started', seenAt: evening, until });
    expect(hand(managed(), 'stopping')).toEqual({ did: 'stopped', seenAt: evening, until });
    expect(hand(managed({ condition: 'changing' }), 'stopped')).toMatchObject({ did: 'stopped' });
  });

  it('is nobody’s when nothing changed that matters', () => {
    expect(hand(managed(), 'changing')).toBeUndefined();
    expect(hand(managed({ condition: 'starting' }), 'running')).toBeUndefined();
    expect(hand(managed({ condition: 'stopping' }), 'stopped')).toBeUndefined();
    expect(hand(stopped, 'starting', { calendar: undefined })).toBeUndefined();
  });

  it('is AWS’s around the time that it announced', () => {
    const due = (restartsAt: number) => hand({ ...stopped, restartsAt }, 'starting');
    expect(due(evening)).toBeUndefined();
    expect(due(evening + 9 * minute)).toBeUndefined();
    expect(due(evening - 2 * hour)).toBeUndefined();
    expect(due(evening + 11 * minute)).toMatchObject({ did: 'started' });
  });

  it('is our own while a job of that goal runs, and for a while after it', () => {
    const task = (goal: 'running' | 'stopped', job = 'j') => ({ goal, job, at: evening - hour });
    expect(hand({ ...stopped, task: task('running') }, 'starting')).toBeUndefined();
    expect(hand({ ...stopped, task: task('running', '') }, 'starting')).toBeUndefined();
    expect(hand({ ...stopped, task: task('stopped') }, 'starting')).toMatchObject({ did: 'started' });
    expect(hand({ ...stopped, done: task('running') }, 'running')).toBeUndefined();
    const long = { ...task('running'), at: evening - 3 * hour };
    expect(hand({ ...stopped, done: long }, 'running')).toMatchObject({ did: 'started' });
  });

  it('is nobody’s where a job that comes to nothing leaves it as it was', () => {
    const task = { goal: 'stopped', job: 'j', at: evening - hour } as const;
    const was = managed({ condition: 'stopping', task });
    expect(hand(was, 'running')).toBeUndefined();
    expect(hand(was, 'changing')).toBeUndefined();
    const { task: _task, ...failed } = was;
    expect(withManualChange(was, { ...failed, condition: 'running' }, look()).byHand).toBeUndefined();
  });

  it('is a person’s where it was started again before any list showed what our own job had done', () => {
    const task = { goal: 'stopped', job: 'j', at: evening - hour } as const;
    const { task: _task, ...now } = managed({ task });
    const ended = (ago: number) =>
      withManualChange(managed({ task }), { ...now, done: { ...task, at: evening - ago } }, look());
    expect(ended(6 * minute).byHand).toMatchObject({ did: 'started' });
    expect(ended(4 * minute)).not.toHaveProperty('byHand');
  });

  it('is a person’s again once what our own job did is known to be undone', () => {
    const done = { goal: 'running', job: 'j', at: evening - hour, isUndone: true } as const;
    expect(hand(managed({ condition: 'stopped', done }), 'running')).toMatchObject({ did: 'started' });
  });

  it('is not asked about when a boundary passed since the last look', () => {
    const passed = { lastLook: Date.parse('2026-11-20T18:59:00Z') };
    expect(hand(stopped, 'starting', passed)).toBeUndefined();
    expect(hand(stopped, 'starting', { lastLook: Date.parse('2026-11-20T19:00:00Z') })).toMatchObject({
      did: 'started',
    });
  });

  it('holds until its boundary, and not beyond', () => {
    const byHand = { did: 'started', seenAt: evening - hour, until: evening + 1 } as const;
    expect(hand(managed({ byHand }), 'running')).toEqual(byHand);
    expect(hand(managed({ byHand: { ...byHand, until: evening } }), 'running')).toBeUndefined();
  });

  it('is not asked about when a boundary passed since a job whose undoing is believed only now', () => {
    const morning = Date.parse('2026-11-21T07:00:00Z');
    const done = { goal: 'running', job: 'j', isShown: true } as const;
    const believed = (at: number) => {
      const was = managed({ condition: 'stopped', done: { ...done, at }, doubt: { since: morning } });
      return hand(was, 'stopped', { at: morning + minute, lastLook: morning });
    };
    expect(believed(morning - minute)).toBeUndefined();
    expect(believed(morning)).toMatchObject({ did: 'stopped' });
  });

  it('is not asked about when a boundary passed since a job of which nobody was told at its end', () => {
    const task = { goal: 'stopped', job: 'j', at: evening - day } as const;
    const { task: _task, ...now } = managed({ task });
    expect(withManualChange(managed({ task }), { ...now, done: task }, look())).not.toHaveProperty('byHand');
  });

  it('holds no longer than what it did is so', () => {
    const until = evening + hour;
    const by = (did: 'started' | 'stopped') => ({ byHand: { did, seenAt: evening - hour, until } });
    const started = { goal: 'running', job: 'j', at: evening - hour } as const;
    const stillStopped = (condition: Condition, more: Partial<ManagedResource> = {}) =>
      hand({ ...stopped, ...by('stopped'), ...more }, condition)?.until === until;
    expect(stillStopped('stopped')).toBe(true);
    expect(stillStopped('running', { done: started })).toBe(false);
    expect(stillStopped('starting', { restartsAt: evening })).toBe(false);
    expect(hand(managed(by('started')), 'changing')?.until).toBe(until);
    const goal = 'stopped';
    const isOver = managed({ condition: 'stopping', ...by('started'), done: { ...started, goal } });
    expect(hand(isOver, 'stopped')).toBeUndefined();
  });

  it('holds while lists may be older than a job of our own', () => {
    const byHand = { did: 'started', seenAt: evening - minute, until: evening + hour } as const;
    const task = { goal: 'stopped', job: 'j', at: evening - hour } as const;
    expect(hand(managed({ condition: 'starting', byHand, task }), 'stopping')).toEqual(byHand);
    const done = { ...task, goal: 'running', at: evening - minute, isShown: true } as const;
    expect(hand(managed({ byHand, done }), 'stopped')).toEqual(byHand);
  });

  it('made what is new in the night, unless nobody knows since when it is there', () => {
    const made = (more: Partial<ResourceLook>, was?: ManagedResource) =>
      withManualChange(was, observe(was, observed({ resourceUid: 'two' }), look(more)).managed, look(more)).byHand?.did;
    expect(made({})).toBe('started');
    expect(made({}, managed({ madeAs: 'one' }))).toBe('started');
    expect(made({}, managed({ madeAs: 'two' }))).toBeUndefined();
    expect(made({ at: evening - 9 * hour })).toBeUndefined();
    expect(made({ lastLook: undefined })).toBeUndefined();
    expect(made({ gap: true })).toBeUndefined();
    expect(made({ isRemeant: true })).toBeUndefined();
    expect(made({ calendar: undefined })).toBeUndefined();
  });
});
