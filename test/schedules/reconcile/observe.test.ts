// What a sight means for what is remembered: whether it is still the same resource, and the ledger, in which every minute is
// counted once.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Condition } from '../../../src/aws/inventory.ts';
import { type LedgerSpan, ledgerState, spansOf } from '../../../src/schedules/ledger.ts';
import { observe, observeGone } from '../../../src/schedules/reconcile/observe.ts';
import type { ManagedResource } from '../../../src/schedules/managed-resource.ts';
import { day, evening, hour, look, minute, observed, managed } from '../sleeping.ts';

describe('what is remembered', () => {
  const task = { goal: 'stopped', job: 'j', at: evening - hour } as const;
  const was = managed({
    madeAs: 'one',
    task,
    tags: { team: 'web' },
    setback: { goal: 'stopped', count: 1, again: 0, what: 'no' },
  });

  it('of a cluster is true of no other that was made under its name, but that its job goes on', () => {
    const made = observe(was, observed({ resourceUid: 'two' }), look()).managed;
    expect(made).toMatchObject({ task, firstSeen: evening });
    expect(made).not.toHaveProperty('tags');
    expect(made).not.toHaveProperty('setback');
  });

  it('is kept of a cluster that the lists left out for once, and of one seen before clusters were told apart', () => {
    const gone = observeGone(was, look()).managed;
    expect(observe(gone, observed({ resourceUid: 'one' }), look()).managed.tags).toEqual({ team: 'web' });
    expect(observe(gone, observed(), look()).managed).not.toHaveProperty('tags');
    const { madeAs: _madeAs, ...before } = was;
    expect(observe(before, observed({ resourceUid: 'one' }), look()).managed).toMatchObject({
      tags: { team: 'web' },
      madeAs: 'one',
    });
  });
});

describe('the ledger', () => {
  const stopped = managed({ condition: 'stopped', since: evening - hour, restartsAt: evening + day });
  const at = evening + 3 * hour;
  const gap = look({ at, lastLook: evening, gap: true });

  it('counts a gap with the same state on both sides, and calls a change in it unknown', () => {
    const same = observe(stopped, observed({ condition: 'stopped', restartsAt: evening + day }), gap);
    expect(same.spans.map(({ state, from, to }) => [state, from, to])).toEqual([['stopped', stopped.since, at]]);
    const changed = observe(stopped, observed({ condition: 'running' }), gap);
    expect(changed.spans.map(({ state, from, to }) => [state, from, to])).toEqual([
      ['stopped', stopped.since, evening],
      ['unknown', evening, at],
    ]);
    expect(changed.managed.since).toBe(at);
  });

  it('knows that a cluster was awake in a gap by when AWS starts it', () => {
    const woke = observed({ condition: 'stopped', restartsAt: evening + day + 2 * hour });
    expect(observe(stopped, woke, gap).spans.map(({ state }) => state)).toEqual(['stopped', 'unknown']);
    const slack = observed({ condition: 'stopped', restartsAt: evening + day + 5 * minute });
    expect(observe(stopped, slack, gap).spans.map(({ state }) => state)).toEqual(['stopped']);
  });

  it('ends a span when the schedule or the instances become others', () => {
    const seen = observed({ condition: 'stopped' });
    expect(observe(stopped, seen, look({ schedule: 'other' })).spans).toHaveLength(1);
    expect(observe(stopped, seen, look({ schedule: undefined })).spans).toHaveLength(1);
    expect(observe(stopped, { ...seen, shape: { instances: {} } }, look()).spans).toHaveLength(1);
    expect(observe(stopped, seen, look()).spans).toHaveLength(0);
  });

  it('ends a span with a cluster that was made anew under its name, also where nobody looked', () => {
    const old = { ...stopped, madeAs: 'one' };
    const seen = observed({ condition: 'stopped', resourceUid: 'two', restartsAt: evening + day });
    const { managed: made, spans } = observe(old, seen, look());
    expect(spans.map(({ state, to }) => [state, to])).toEqual([['stopped', evening]]);
    expect(made).toMatchObject({ since: evening, firstSeen: evening, madeAs: 'two' });
    expect(observe(old, seen, gap).spans.map(({ state }) => state)).toEqual(['stopped', 'unknown']);
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
    madeAs: fc.constantFrom('one', 'one', 'one', 'two'),
    // Else it was cut short before its end, and the look before it is the last one.
    whole: fc.constantFrom(true, true, false),
  });

  it('accounts for every minute under a schedule exactly once, in spans within a day of UTC', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: day }), fc.array(step, { minLength: 1, maxLength: 30 }), (start, steps) => {
        let now = evening + start;
        let was: ManagedResource | undefined;
        const spans: LedgerSpan[] = [];
        const under: [from: number, to: number][] = [];
        let lastLook = now;
        for (const { wait, seen, schedule, classes, restarts, madeAs, whole } of steps) {
          const before = now;
          now += wait;
          const gap = now - lastLook > 5 * minute;
          const here = look({ at: now, lastLook, gap, schedule });
          if (whole) lastLook = now;
          if (was?.schedule !== undefined) under.push([before, now]);
          if (seen === 'gone') {
            if (was === undefined || was.condition === 'gone') continue;
            const gone = observeGone(was, here);
            spans.push(...gone.spans);
            was = gone.managed;
            continue;
          }
          const restartsAt = evening + restarts * 10 * day;
          const shape = { instances: { 'db.r6g.large': classes } };
          const next = observe(was, observed({ condition: seen, shape, restartsAt, resourceUid: madeAs }), here);
          spans.push(...next.spans);
          was = next.managed;
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
