// What should be, and why: a lease before a pause before a person before the calendar.
import { expect, it } from 'vitest';
import { calendarOf } from '../../src/schedules/calendar.ts';
import { type Circumstances, judge } from '../../src/schedules/judge.ts';
import { hour, office, sleeper } from './sleeping.ts';

const evening = Date.parse('2026-11-20T21:00:00Z');
const schedule = office(['dev-1'], { policy: 'respect-manual' });
const plain: Circumstances = {
  now: evening,
  schedule,
  calendar: calendarOf(schedule),
  keepOn: undefined,
  pause: undefined,
};
const person = { since: evening - hour, by: 'ann', reason: 'demo' };
const keepOn = { resource: 'default/db-cluster/dev-1', until: evening + hour, ...person };
const pause = { schedule: 'office', until: evening + 2 * hour, ...person };
const byHand = { did: 'started', seenAt: evening - hour, until: evening + 3 * hour } as const;
const morning = Date.parse('2026-11-21T07:00:00Z');

it.each([
  ['the calendar', sleeper(), {}, 'stopped', morning, 'office says stopped until Sat 2026-11-21 07:00'],
  [
    'a person',
    sleeper({ byHand }),
    {},
    'left',
    byHand.until,
    'somebody started it at Fri 2026-11-20 20:00; that holds',
  ],
  [
    'a pause',
    sleeper({ byHand }),
    { pause },
    'left',
    pause.until,
    'office is paused until Fri 2026-11-20 23:00 by ann',
  ],
  [
    'a lease',
    sleeper({ byHand }),
    { pause, keepOn },
    'running',
    keepOn.until,
    'kept on until Fri 2026-11-20 22:00 by ann: demo',
  ],
  [
    'a contradiction',
    sleeper(),
    { keepOn, contradiction: ['a', 'b'] },
    'left',
    undefined,
    'equal priority apply: a, b',
  ],
  ['nothing', sleeper(), { schedule: undefined, keepOn }, 'left', undefined, 'no schedule applies'],
  ['its end', sleeper({ condition: 'gone' }), { keepOn }, 'left', undefined, 'does not exist any more'],
  ['its end', sleeper({ condition: 'lost' }), {}, 'left', undefined, 'broken for good'],
] as const)('%s decides', (_what, of, more, should, until, why) => {
  const judgement = judge(of, { ...plain, ...more });
  expect(judgement).toMatchObject({ should, why: expect.stringContaining(why) as string });
  expect(judgement.until).toBe(until);
});

it('goes by nothing that is over or has not begun', () => {
  const over = { pause: { ...pause, until: evening }, keepOn: { ...keepOn, until: evening } };
  expect(judge(sleeper({ byHand: { ...byHand, until: evening } }), { ...plain, ...over }).should).toBe('stopped');
  expect(judge(sleeper(), { ...plain, keepOn: { ...keepOn, from: evening + 1 } }).should).toBe('stopped');
  const { until: _until, ...endless } = pause;
  expect(judge(sleeper(), { ...plain, pause: endless })).toEqual({
    should: 'left',
    why: 'office is paused by ann: demo',
  });
});

it('goes by a person’s doing only where the schedule respects it', () => {
  const strict = { ...plain, schedule: office(['dev-1']) };
  expect(judge(sleeper({ byHand }), strict).should).toBe('stopped');
});

it('names no end where the calendar has none', () => {
  const never = office(['dev-1'], { windows: [] });
  const judgement = judge(sleeper(), { ...plain, schedule: never, calendar: calendarOf(never) });
  expect(judgement).toEqual({ should: 'stopped', why: 'office says stopped' });
});
