// What should be, and why: a lease before a pause before a person before the calendar.
import { expect, it } from 'vitest';
import { calendarOf } from '../../src/schedules/calendar/calendar.ts';
import { desiredState } from '../../src/schedules/desired-state.ts';
import { hour, office, managed } from './sleeping.ts';

const evening = Date.parse('2026-11-20T21:00:00Z');
const schedule = office(['dev-1'], { policy: 'respect-manual' });
const plain: Parameters<typeof desiredState>[1] = {
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
  ['the calendar', managed(), {}, 'stopped', morning, 'office says stopped until Sat 2026-11-21 07:00'],
  [
    'a person',
    managed({ byHand }),
    {},
    'left',
    byHand.until,
    'somebody started it at Fri 2026-11-20 20:00; that holds',
  ],
  [
    'a pause',
    managed({ byHand }),
    { pause },
    'left',
    pause.until,
    'office is paused until Fri 2026-11-20 23:00 by ann',
  ],
  [
    'a lease',
    managed({ byHand }),
    { pause, keepOn },
    'running',
    keepOn.until,
    'kept on until Fri 2026-11-20 22:00 by ann: demo',
  ],
  [
    'a contradiction',
    managed(),
    { keepOn, contradiction: ['a', 'b'] },
    'left',
    undefined,
    'equal priority apply: a, b',
  ],
  ['nothing', managed(), { schedule: undefined, keepOn }, 'left', undefined, 'no schedule applies'],
  ['its end', managed({ condition: 'gone' }), { keepOn }, 'left', undefined, 'does not exist any more'],
  ['its end', managed({ condition: 'lost' }), {}, 'left', undefined, 'broken for good'],
] as const)('%s decides', (_what, of, more, should, until, why) => {
  const desired = desiredState(of, { ...plain, ...more });
  expect(desired).toMatchObject({ should, why: expect.stringContaining(why) as string });
  expect(desired.until).toBe(until);
});

it('goes by nothing that is over or has not begun', () => {
  const over = { pause: { ...pause, until: evening }, keepOn: { ...keepOn, until: evening } };
  expect(desiredState(managed({ byHand: { ...byHand, until: evening } }), { ...plain, ...over }).should).toBe(
    'stopped',
  );
  expect(desiredState(managed(), { ...plain, keepOn: { ...keepOn, from: evening + 1 } }).should).toBe('stopped');
  const { until: _until, ...endless } = pause;
  expect(desiredState(managed(), { ...plain, pause: endless })).toEqual({
    should: 'left',
    why: 'office is paused by ann: demo',
  });
});

it('goes by a person’s doing only where the schedule respects it', () => {
  const strict = { ...plain, schedule: office(['dev-1']) };
  expect(desiredState(managed({ byHand }), strict).should).toBe('stopped');
});

it('names no end where the calendar has none', () => {
  const never = office(['dev-1'], { windows: [] });
  const desired = desiredState(managed(), { ...plain, schedule: never, calendar: calendarOf(never) });
  expect(desired).toEqual({ should: 'stopped', why: 'office says stopped' });
});
