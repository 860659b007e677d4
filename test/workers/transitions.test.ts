// The state machine, walked: every phase meets every event, and each pair has a stated result or is stated to be impossible.
import { describe, expect, it } from 'vitest';
import { cases, eventTypes, examples, result } from '../../docs/state-machine.ts';
import type { Fault } from '../../src/aws/faults.ts';
import { type JobFollowing, type JobLooking, type JobSettling, phases } from '../../src/records/job.ts';
import { type Circumstances, type Event, next, transitions } from '../../src/workers/transitions.ts';
import type { AnyJob } from '../support/jobs.ts';

/** For each case what becomes of a job in line, look, settle, follow, rest and over; empty where the pair can’t be. */
const stated: Readonly<Record<string, readonly string[]>> = {
  'looked: ready': ['', 'look: submit', 'settle: look-again', 'follow: look-again', 'rest: rest', ''],
  'looked: ready, and the time to settle is over': [
    '',
    'look: submit',
    'look: look-again',
    'follow: look-again',
    'over (cancelled): hand-over',
    '',
  ],
  'looked: obstacle': ['', 'look: look-again', 'settle: look-again', 'follow: look-again', 'rest: rest', ''],
  'looked: pending': ['', 'follow: look-again', 'follow: look-again', 'follow: look-again', 'rest: rest', ''],
  'looked: succeeded': [
    '',
    'over (succeeded): end',
    'over (succeeded): end',
    'over (succeeded): end',
    'over (cancelled): hand-over',
    '',
  ],
  'looked: failed': [
    '',
    'over (failed): end',
    'over (failed): end',
    'over (failed): end',
    'over (cancelled): hand-over',
    '',
  ],
  'looked: cancelled': [
    '',
    'over (cancelled): end',
    'over (cancelled): end',
    'over (cancelled): end',
    'over (cancelled): hand-over',
    '',
  ],
  'not-admitted': [
    'over (failed): end',
    'over (failed): end',
    'rest (failed): rest',
    'rest (failed): rest',
    'over (cancelled): hand-over',
    '',
  ],
  'stopped-short': ['', 'look: look-again', '', '', '', ''],
  held: ['', 'look: look-again', '', '', '', ''],
  intended: ['', 'settle: send', '', '', '', ''],
  'not-sent': ['', '', 'look: look-again', '', '', ''],
  accepted: ['', '', 'follow: look-again', '', '', ''],
  'failed: it passes': ['', 'look: look-again', 'settle: look-again', 'follow: look-again', 'rest: rest', ''],
  'failed: throttled': ['', 'look: look-again', 'settle: look-again', 'follow: look-again', 'rest: rest', ''],
  'failed: for good': ['', 'over (failed): end', 'rest (failed): rest', 'rest (failed): rest', 'rest: rest', ''],
  'failed: the change, certainly refused for now': ['', '', 'look: look-again', '', '', ''],
  'failed: the change, and perhaps it happened': ['', '', 'settle: look-again', '', '', ''],
  'failed: the change, refused for good': ['', '', 'over (failed): end', '', '', ''],
  'cancel-requested': [
    'over (cancelled): end',
    'over (cancelled): end',
    'rest (cancelled): rest',
    'rest (cancelled): rest',
    '',
    '',
  ],
  'deadline-passed': [
    'over (timed-out): end',
    'over (timed-out): end',
    'over (timed-out): end',
    'over (timed-out): end',
    'over (cancelled): hand-over',
    '',
  ],
  'workers-died': [
    'over (failed): end',
    'over (failed): end',
    'over (failed): end',
    'over (failed): end',
    'over (cancelled): hand-over',
    '',
  ],
  'operation-unknown': [
    'line: nothing',
    'look: look-again',
    'settle: look-again',
    'follow: look-again',
    'rest: rest',
    '',
  ],
  'operation-unknown, and a cancel is requested': [
    'over (cancelled): end',
    'over (cancelled): end',
    'rest (cancelled): rest',
    'rest (cancelled): rest',
    'rest: rest',
    '',
  ],
  'operation-unknown, at the deadline': [
    'over (failed): end',
    'over (failed): end',
    'over (failed): end',
    'over (failed): end',
    'over (cancelled): hand-over',
    '',
  ],
  'target-unknown': [
    'over (failed): end',
    'over (failed): end',
    'over (failed): end',
    'over (failed): end',
    'over (cancelled): hand-over',
    '',
  ],
  'turn-given': ['look: look-again', '', '', '', '', ''],
  'event-changed': ['', '', '', '', 'rest: nothing', 'over: nothing'],
};

const timing = { firstPoll: 15_000, poll: [15_000, 60_000], deadline: 3_600_000, settle: 60_000 } as const;
const circumstances: Circumstances = {
  at: 1_000,
  jitter: 0.5,
  stalls: 0,
  bounds: {},
  events: true,
  operation: { kind: 'converge', timing, unfound: 'submit-again' },
};

describe('every phase and every event', () => {
  it('are in the table of cases', () => {
    expect(new Set(cases.map(({ happening }) => happening.type))).toEqual(new Set(eventTypes));
    expect(Object.keys(transitions)).toEqual([...phases]);
    for (const phase of phases) expect(Object.keys(transitions[phase]).toSorted()).toEqual(eventTypes.toSorted());
  });

  it.each(cases)('$label: has the stated result in each phase', (one) => {
    const results = phases.map((phase) => result(phase, one));
    expect(results.map((each) => (each === 'impossible' ? '' : each))).toEqual(stated[one.label]);
  });

  it('that can not meet are an error of ours, with the reason', () => {
    for (const phase of phases) {
      for (const { happening } of cases) {
        const rule = transitions[phase][happening.type];
        if (typeof rule === 'function') continue;
        expect(rule.impossible).toMatch(/^[a-z].{10,}/);
        expect(() => next(examples[phase], { ...happening, ...circumstances })).toThrow(rule.impossible);
      }
    }
  });
});

describe('whether a job has changed something', () => {
  const fault = (kind: Fault['class'], effect: Fault['effect']): Fault => ({
    class: kind,
    code: 'SomeFault',
    message: 'AWS says so.',
    effect,
  });
  const outcome = (job: JobLooking | JobSettling | JobFollowing, event: Event) =>
    (next(job, event).job as AnyJob).outcome?.changed;
  const failed = (effect: Fault['effect'], submitting: boolean): Event => ({
    type: 'failed',
    fault: fault('permanent', effect),
    submitting,
    ...circumstances,
  });

  it('is false when its call was certainly refused, and unknown when it may have happened', () => {
    expect(outcome(examples.settle, failed('none', true))).toBe(false);
    expect(outcome(examples.settle, failed('unknown', true))).toBe('unknown');
  });

  it('stays unknown after an earlier call whose effect was never seen', () => {
    expect(outcome({ ...examples.settle, changed: 'unknown' }, failed('none', true))).toBe('unknown');
    expect(outcome({ ...examples.look, changed: 'unknown' }, failed('none', false))).toBe('unknown');
  });

  it('is unknown between the intent and its answer, whatever ends the job', () => {
    const ends = ['cancel-requested', 'deadline-passed', 'workers-died', 'target-unknown'] as const;
    for (const type of ends) {
      expect(outcome(examples.settle, { type, ...circumstances }), type).toBe('unknown');
      expect(outcome(examples.follow, { type, ...circumstances }), type).toBe(true);
      expect(outcome(examples.look, { type, ...circumstances }), type).toBe(false);
    }
  });

  it('is what is known when the record or the rules end a job: nothing before a call, and perhaps something between', () => {
    const refused: Event = {
      type: 'not-admitted',
      refusal: { code: 'record-invalid', reason: 'It is not right.' },
      ...circumstances,
    };
    expect(outcome(examples.look, refused)).toBe(false);
    expect(outcome(examples.settle, refused)).toBe('unknown');
    expect(outcome(examples.follow, refused)).toBe(true);
  });

  it('is unknown where what it was asked to launch is found to be there already', () => {
    const launch = { kind: 'launch', timing, unfound: 'submit-again' } as const;
    const looked = (more: object): Event => ({
      type: 'looked',
      seen: { status: 'creating', verdict: 'pending', ...more },
      ...circumstances,
      operation: launch,
    });
    expect(next(examples.look, looked({ handle: { id: 's' } })).job).toMatchObject({
      phase: 'follow',
      changed: 'unknown',
    });
    // Of others, there is nothing of its own to follow.
    expect(next(examples.look, looked({})).job).toMatchObject({ phase: 'look', state: 'waiting', changed: false });
  });
});

describe('a launch whose answer was lost', () => {
  const unfound = { code: 'reset-not-confirmed', reason: 'It was not confirmed.' };
  const operation = { kind: 'launch', timing, unfound } as const;
  const at = (time: number): Event => ({
    type: 'looked',
    seen: { status: 'not restarted', verdict: 'ready' },
    ...circumstances,
    operation,
    at: time,
  });

  it('is looked for until its deadline at the latest', () => {
    const { effect } = next({ ...examples.settle, deadline: 5_000 }, at(1_000));
    expect(effect).toEqual({ do: 'look-again', at: 5_000 });
  });

  it('fails once its time to settle is over, and is not asked for again', () => {
    expect(next(examples.settle, at(59_999)).effect).toMatchObject({ do: 'look-again', at: 60_000 });
    const { job, effect } = next(examples.settle, at(60_000));
    expect(effect.do).toBe('end');
    expect((job as AnyJob).outcome).toEqual({
      state: 'failed',
      changed: 'unknown',
      status: 'not restarted',
      ...unfound,
    });
  });
});
