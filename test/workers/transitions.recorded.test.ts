// The state machine makes of every job what the release before it did. The lines in recorded/ are what that release was seen to do:
// transitions.jsonl in its whole test suite, made.jsonl for records and circumstances that the suite never met.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/aws/faults.ts';
import { operationOf } from '../../src/handlers/index.ts';
import type { Observation, Refusal } from '../../src/operation.ts';
import type { EventState, JobRecord } from '../../src/records/job.ts';
import { type Effect, type Event, type Happening, begin, next } from '../../src/workers/transitions.ts';
import type { AnyJob } from '../support/jobs.ts';

interface Line {
  readonly operation: string;
  /** `null`: the worker doesn't know the operation. */
  readonly declared?: null;
  readonly before: AnyJob;
  readonly after: AnyJob | null;
  readonly event: { readonly type: string; readonly seen?: Observation } & Readonly<Record<string, unknown>>;
  readonly cancel?: true;
  /** The store's time of the step, and that of the commit where an outcome was written. */
  readonly at: number;
  readonly endedAt?: number;
  readonly random?: readonly number[];
  readonly stalls?: number;
  readonly bounds?: object;
  readonly events?: boolean;
  readonly next?: { readonly next: string; readonly at?: number };
  readonly proceeds?: string;
  readonly throws?: string;
}

const unread: Fault = { class: 'transient', code: 'TimeoutError', message: 'no answer', effect: 'unknown' };

/** What happened, in the words of today. */
function happeningOf({ event, cancel }: Line): Happening | undefined {
  const { type, seen } = event;
  switch (type) {
    case 'looked':
    case 'searched':
    case 'polled':
      return { type: 'looked', seen: seen as Observation };
    case 'rested':
      if (event['nothing']) return { type: 'deadline-passed' };
      return event['unreadable']
        ? { type: 'failed', fault: unread, submitting: false }
        : { type: 'looked', seen: seen as Observation };
    case 'not-admitted':
      return { type, refusal: event['refusal'] as Refusal };
    case 'submission-stopped':
      return { type: 'stopped-short' };
    case 'held':
    case 'intended':
      return { type, seen: seen as Observation };
    case 'not-sent':
      return event['lost'] ? undefined : { type };
    case 'accepted':
      return { type, handle: event['handle'] as null };
    case 'faulted': {
      const { fault, own, submitting } = event as unknown as Extract<Happening, { type: 'failed' }>;
      return { type: 'failed', fault, submitting, ...(own === undefined ? {} : { own }) };
    }
    case 'cancelled':
      return { type: 'cancel-requested' };
    case 'crashed':
      return { type: 'workers-died' };
    case 'unknown-operation':
      return { type: 'operation-unknown', cancel: cancel === true };
    case 'unknown-target':
      return { type: 'target-unknown' };
    case 'deadline-passed':
    case 'turn-given':
      return { type };
    case 'event-changed':
      return { type, to: event['to'] as EventState };
    default:
      return undefined;
  }
}

function eventOf(line: Line, happening: Happening): Event {
  const { operation: name, declared, event, at, endedAt, random = [], stalls = 0, bounds = {}, events = true } = line;
  const operation = declared === null ? undefined : operationOf(name);
  return {
    ...happening,
    at: endedAt ?? (event.type === 'intended' ? (event['at'] as number) : at),
    jitter: random[0] ?? 0,
    stalls,
    bounds,
    events,
    ...(operation === undefined ? {} : { operation: operation as never }),
  };
}

/** What was recorded of the visit's end, of an effect. */
function toldOf(effect: Effect, job: JobRecord): object {
  const { do: what, ...more } = effect;
  if (what === 'submit' || what === 'send') return { proceeds: what };
  if (what === 'look-again') return { next: { next: 'again', ...more } };
  if (what === 'rest') return { next: { next: 'resting', ...more } };
  if (what === 'nothing') return job.phase === 'line' ? { next: { next: 'in-line' } } : {};
  return { next: { next: 'over' } };
}

/** The times that a step is dated by are one now; they were read at two moments before. */
function expectedOf({ before, after, event, endedAt }: Line): AnyJob | null {
  if (after === null || before.startedAt !== undefined || after.startedAt === undefined) return after;
  if (event.type === 'intended') return { ...after, startedAt: event['at'] as number };
  return endedAt === undefined ? after : { ...after, startedAt: endedAt };
}

const lines = (file: string) =>
  readFileSync(new URL(`recorded/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe.each(['transitions.jsonl', 'made.jsonl'])('as recorded in %s', (file) => {
  const all = lines(file);
  const types = [...new Set(all.map(({ event }) => event.type))].toSorted();

  it.each(types)('%s makes the job what it made it before', (type) => {
    let compared = 0;
    for (const line of all.filter(({ event }) => event.type === type)) {
      const happening = happeningOf(line);
      if (happening === undefined) continue;
      const { before } = line;
      const { job, effect } = next(before as JobRecord, eventOf(line, happening));
      expect(job === before ? null : job, JSON.stringify(line)).toEqual(expectedOf(line));
      const { heir: _heir, ...told } = (line.next ?? {}) as { heir?: true };
      const recorded = line.proceeds === undefined ? { next: told } : { proceeds: line.proceeds };
      if (type !== 'turn-given' && type !== 'event-changed') {
        expect(toldOf(effect, job), JSON.stringify(line)).toEqual(recorded);
      }
      compared += 1;
    }
    // A visit that finds nothing to do, a job that begins, and one that has nothing to settle make no transition.
    const isNone = ['visited', 'accepted-request', 'nothing-to-settle'].includes(type);
    expect(compared > 0).toBe(!isNone);
  });
});

it('a job begins as it began before', () => {
  for (const { after, event } of lines('transitions.jsonl')) {
    if (event.type !== 'accepted-request' || after === null) continue;
    const { schema: _s, polls: _p, transition: _t, intents: _i, changed: _c, trouble: _tr, ...given } = after;
    const { state: _st, phase: _ph, dueAt: _d, reason: _r, ...facts } = given;
    expect(begin(facts, event['inLine'] === true)).toEqual(after);
  }
});
