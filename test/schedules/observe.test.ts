// What a sight means for what is remembered: whose hand it was, and the ledger, in which every minute is counted once.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Condition } from '../../src/aws/estate.ts';
import { calendarOf } from '../../src/schedules/calendar.ts';
import { type Span, ledgerState, spansOf } from '../../src/schedules/ledger.ts';
import { type Look, observe, observeGone } from '../../src/schedules/observe.ts';
import type { Sleeper } from '../../src/schedules/sleeper.ts';
import { day, hour, minute, office, sighting, sleeper } from './sleeping.ts';

const calendar = calendarOf(office(['dev-1']));
const evening = Date.parse('2026-11-20T21:00:00Z');
const look = (more: Partial<Look> = {}): Look => ({
  target: 'default',
  at: evening,
  lastLook: evening - minute,
  gap: false,
  isRemeant: false,
  schedule: 'office',
  calendar,
  ...more,
});

describe('whose hand it was', () => {
  const stopped = sleeper({ condition: 'stopped', restartsAt: evening + 3 * day });
  const hand = (was: Sleeper, condition: Condition, more: Partial<Look> = {}) =>
    observe(was, sighting({ condition }), look(more)).sleeper.byHand;

  it('is a person’s when it was started or stopped without a job, until the next boundary', () => {
    const until = Date.parse('2026-11-21T07:00:00Z');
    expect(hand(stopped, 'starting')).toEqual({ did: 'started', seenAt: evening, until });
    expect(hand(stopped, 'running')).toEqual({ did: 'started', seenAt: evening, until });
    expect(hand(sleeper(), 'stopping')).toEqual({ did: 'stopped', seenAt: evening, until });
    expect(hand(sleeper({ condition: 'changing' }), 'stopped')).toMatchObject({ did: 'stopped' });
  });

  it('is nobody’s when nothing changed that matters', () => {
    expect(hand(sleeper(), 'changing')).toBeUndefined();
    expect(hand(sleeper({ condition: 'starting' }), 'running')).toBeUndefined();
    expect(hand(sleeper({ condition: 'stopping' }), 'stopped')).toBeUndefined();
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

  it('is not asked about when a boundary passed since the last look', () => {
    const passed = { lastLook: Date.parse('2026-11-20T18:59:00Z') };
    expect(hand(stopped, 'starting', passed)).toBeUndefined();
    expect(hand(stopped, 'starting', { lastLook: Date.parse('2026-11-20T19:00:00Z') })).toMatchObject({
      did: 'started',
    });
  });

  it('holds until its boundary, and not beyond', () => {
    const byHand = { did: 'started', seenAt: evening - hour, until: evening + 1 } as const;
    expect(hand(sleeper({ byHand }), 'running')).toEqual(byHand);
    expect(hand(sleeper({ byHand: { ...byHand, until: evening } }), 'running')).toBeUndefined();
  });

  it('made what is new in the night, unless nobody knows since when it is there', () => {
    const made = (more: Partial<Look>) => observe(undefined, sighting(), look(more)).sleeper.byHand?.did;
    expect(made({})).toBe('started');
    expect(made({ at: evening - 9 * hour })).toBeUndefined();
    expect(made({ lastLook: undefined })).toBeUndefined();
    expect(made({ gap: true })).toBeUndefined();
    expect(made({ isRemeant: true })).toBeUndefined();
    expect(made({ calendar: undefined })).toBeUndefined();
  });
});

describe('the ledger', () => {
  const stopped = sleeper({ condition: 'stopped', since: evening - hour, restartsAt: evening + day });
  const at = evening + 3 * hour;
  const gap = look({ at, lastLook: evening, gap: true });

  it('counts a gap with the same state on both sides, and calls a change in it unknown', () => {
    const same = observe(stopped, sighting({ condition: 'stopped', restartsAt: evening + day }), gap);
    expect(same.spans.map(({ state, from, to }) => [state, from, to])).toEqual([['stopped', stopped.since, at]]);
    const changed = observe(stopped, sighting({ condition: 'running' }), gap);
    expect(changed.spans.map(({ state, from, to }) => [state, from, to])).toEqual([
      ['stopped', stopped.since, evening],
      ['unknown', evening, at],
    ]);
    expect(changed.sleeper.since).toBe(at);
  });

  it('knows that a cluster was awake in a gap by when AWS starts it', () => {
    const woke = sighting({ condition: 'stopped', restartsAt: evening + day + 2 * hour });
    expect(observe(stopped, woke, gap).spans.map(({ state }) => state)).toEqual(['stopped', 'unknown']);
    const slack = sighting({ condition: 'stopped', restartsAt: evening + day + 5 * minute });
    expect(observe(stopped, slack, gap).spans.map(({ state }) => state)).toEqual(['stopped']);
  });

  it('ends a span when the schedule or the instances become others', () => {
    const seen = sighting({ condition: 'stopped' });
    expect(observe(stopped, seen, look({ schedule: 'other' })).spans).toHaveLength(1);
    expect(observe(stopped, seen, look({ schedule: undefined })).spans).toHaveLength(1);
    expect(observe(stopped, { ...seen, shape: { instances: {} } }, look()).spans).toHaveLength(1);
    expect(observe(stopped, seen, look()).spans).toHaveLength(0);
  });

  const step = fc.record({
    wait: fc.oneof(
      fc.integer({ min: 1, max: 5 * minute }),
      fc.integer({ min: 6 * minute, max: 3 * day }),
      fc.constant(day),
    ),
    seen: fc.constantFrom<Condition | 'gone'>('running', 'starting', 'stopping', 'stopped', 'changing', 'lost', 'gone'),
    schedule: fc.constantFrom('office', 'office', 'office', 'other', undefined),
    classes: fc.constantFrom(1, 1, 1, 2),
    restarts: fc.integer({ min: 0, max: 2 }),
    // Else it was cut short before its end, and the look before it is the last one.
    whole: fc.constantFrom(true, true, false),
  });

  it('accounts for every minute under a schedule exactly once, in spans within a day of UTC', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: day }), fc.array(step, { minLength: 1, maxLength: 30 }), (start, steps) => {
        let now = evening + start;
        let was: Sleeper | undefined;
        const spans: Span[] = [];
        const under: [from: number, to: number][] = [];
        let lastLook = now;
        for (const { wait, seen, schedule, classes, restarts, whole } of steps) {
          const before = now;
          now += wait;
          const gap = now - lastLook > 5 * minute;
          const here = look({ at: now, lastLook, gap, schedule });
          if (whole) lastLook = now;
          if (was?.schedule !== undefined) under.push([before, now]);
          if (seen === 'gone') {
            if (was === undefined || was.condition === 'gone') continue;
            const observed = observeGone(was, here);
            spans.push(...observed.spans);
            was = observed.sleeper;
            continue;
          }
          const restartsAt = evening + restarts * 10 * day;
          const shape = { instances: { 'db.r6g.large': classes } };
          const observed = observe(was, sighting({ condition: seen, shape, restartsAt }), here);
          spans.push(...observed.spans);
          was = observed.sleeper;
        }
        if (was) spans.push(...spansOf(was, now));
        const merged = (parts: [number, number][]) =>
          parts.reduce<[number, number][]>((all, [from, to]) => {
            const last = all.at(-1);
            if (last?.[1] === from) last[1] = to;
            else all.push([from, to]);
            return all;
          }, []);
        for (const { from, to } of spans) {
          expect(to).toBeGreaterThan(from);
          expect(Math.floor((to - 1) / day)).toBe(Math.floor(from / day));
        }
        expect(new Set(spans.map(({ from }) => from)).size).toBe(spans.length);
        expect(merged(spans.map(({ from, to }) => [from, to]))).toEqual(merged(under));
      }),
      { numRuns: 500 },
    );
  });

  it('has a state for every condition', () => {
    const states = (['running', 'changing', 'starting', 'stopping', 'stopped', 'lost', 'gone'] as const).map(
      (condition) => ledgerState({ condition }),
    );
    expect(states).toEqual(['running', 'running', 'moving', 'moving', 'stopped', 'gone', 'gone']);
  });
});
