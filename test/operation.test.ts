// The three kinds of operation, and how a status is read.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Observation, type Visit, actionsOf, converge, launch, watch } from '../src/operation.ts';

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
  permissions: { 'rds:DescribeDBClusters': ['*'] },
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
    expect(await operation.submit(visit, { number: 3, at: 0 }, gate, '')).toBeNull();
    expect([changed, passed]).toEqual([[3], 1]);
    expect(await operation.find(visit, { number: 3, at: 0 })).toEqual(seen);
  });

  it('that launches follows what it is given', () => {
    const faults = { SomethingFault: 'wait' } as const;
    const unfound = { code: 'lost', reason: 'It is lost.' };
    const look = async () => seen;
    const operation = launch({
      ...described,
      before: { GOOD: 'ready' },
      after: { GOOD: 'succeeded' },
      afterOf: 'snapshot',
      prepare: look,
      submit: async () => 'handle',
      find: look,
      poll: look,
      unfound,
      faults,
    });
    expect(operation).toMatchObject({ kind: 'launch', takesTurn: true, unfound, faults });
    expect(operation.states).toEqual({ GOOD: 'ready', 'snapshot GOOD': 'succeeded' });
  });

  it('that launches judges what it acts on by one table, and what it launched by the other', async () => {
    const operation = launch({
      ...described,
      before: { GOOD: 'ready' },
      after: { GOOD: 'succeeded' },
      prepare: async (_visit, judge) => judge.before('GOOD'),
      submit: async () => 'handle',
      find: async (_visit, _intent, judge) => judge('GOOD'),
      poll: async (_visit, _handle, _intent, judge) => judge('GOOD'),
      unfound: 'submit-again',
    });
    const intent = { number: 1, at: 0 };
    const verdicts = [
      await operation.prepare(visit),
      await operation.find(visit, intent),
      await operation.poll(visit, 'handle', intent),
    ].map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['ready', 'succeeded', 'succeeded']);
  });

  it('that erases can not be declared to be asked for again', () => {
    const erasing = { ...described, destructive: 'erases', unfound: 'submit-again' } as const;
    const look = async () => seen;
    const parts = { before: {}, after: {}, prepare: look, submit: async () => null, find: look, poll: look };
    // @ts-expect-error: what erases needs a failure for an answer that was lost.
    expect(launch({ ...erasing, ...parts }).kind).toBe('launch');
    // @ts-expect-error: a converge is asked for again.
    expect(converge({ ...erasing, look, change: async () => undefined }).kind).toBe('converge');
  });

  it('names the IAM actions that it takes', () => {
    expect(actionsOf(described)).toEqual(['rds:DescribeDBClusters']);
  });
});

describe('a status', () => {
  const states = { GOOD: 'succeeded', ODD: { code: 'odd', reason: 'It is odd.' } } as const;
  const judged = (status: string) =>
    watch({ ...described, states, look: async (_visit, judge) => judge(status) }).prepare(visit);

  it('is judged by the table', async () => {
    expect(await judged('GOOD')).toEqual({ status: 'GOOD', verdict: 'succeeded' });
    expect(await judged('ODD')).toEqual({ status: 'ODD', verdict: 'failed', code: 'odd', reason: 'It is odd.' });
  });

  it.each(['NEW', 'good', '', '__proto__', 'constructor', 'toString'])(
    'that no table has (%s) is pending',
    async (status) => {
      expect(await judged(status)).toEqual({ status, verdict: 'pending', unknown: true });
    },
  );
});
