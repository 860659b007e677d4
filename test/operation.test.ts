// The three kinds of operation, and how a status is read.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Observation, type Visit, converge, judgeStatus, launch, watch } from '../src/operation.ts';

const described = {
  name: 'do-it',
  summary: 'Do it.',
  api: 'neptune',
  input: z.strictObject({ id: z.string() }),
  example: { id: 'x' },
  resource: ({ id }: { id: string }) => `graph/${id}`,
  destructive: 'no',
  states: { GOOD: 'succeeded' },
  timing: { firstPoll: 1, poll: [1, 2], deadline: 100, settle: 10 },
  actions: [],
} as const;
const visit: Visit<{ id: string }, object> = {
  job: { id: 'job-1', createdAt: 0 },
  target: 'default',
  input: { id: 'x' },
  aws: {},
  now: 0,
};
const seen: Observation = { status: 'GOOD', verdict: 'succeeded' };

describe('an operation', () => {
  it('that watches only looks, and takes no turn', async () => {
    const operation = watch({ ...described, look: async () => seen });
    expect(operation).toMatchObject({ kind: 'watch', takesTurn: false, faults: {} });
    expect(operation).not.toHaveProperty('submit');
    expect(operation).not.toHaveProperty('look');
    expect([await operation.prepare(visit), await operation.poll(visit, null, undefined)]).toEqual([seen, seen]);
  });

  it('that converges looks in the same way before, after and for a lost answer', async () => {
    const changed: number[] = [];
    const operation = converge({
      ...described,
      look: async () => seen,
      change: async (_visit, gate, intent) => {
        await gate();
        changed.push(intent.number);
      },
    });
    expect(operation).toMatchObject({ kind: 'converge', takesTurn: true, unfound: 'submit-again' });
    let passed = 0;
    const gate = async () => void (passed += 1);
    expect(await operation.submit?.(visit, { number: 3, at: 0 }, gate, '')).toBeNull();
    expect([changed, passed]).toEqual([[3], 1]);
    expect(await operation.find?.(visit, { number: 3, at: 0 })).toEqual(seen);
  });

  it('that launches follows what it is given', () => {
    const faults = { SomethingFault: 'wait' } as const;
    const unfound = { code: 'lost', reason: 'It is lost.' };
    const look = async () => seen;
    const operation = launch({
      ...described,
      prepare: look,
      submit: async () => 'handle',
      find: look,
      poll: look,
      unfound,
      faults,
    });
    expect(operation).toMatchObject({ kind: 'launch', takesTurn: true, unfound, faults });
  });
});

describe('a status', () => {
  const states = { GOOD: 'succeeded', ODD: { code: 'odd', reason: 'It is odd.' } } as const;

  it('is judged by the table', () => {
    expect(judgeStatus(states, 'GOOD')).toEqual({ status: 'GOOD', verdict: 'succeeded' });
    expect(judgeStatus(states, 'ODD')).toEqual({ status: 'ODD', verdict: 'failed', code: 'odd', reason: 'It is odd.' });
  });

  it.each(['NEW', 'good', '', '__proto__', 'constructor', 'toString'])(
    'that no table has (%s) is pending',
    (status) => {
      expect(judgeStatus(states, status)).toEqual({ status, verdict: 'pending', unknown: true });
    },
  );
});
