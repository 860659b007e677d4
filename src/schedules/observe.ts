// What a new sight of a resource means for what is remembered of it: which span of the ledger ended, and whether a person
// had a hand in it. Pure; knows nothing of stores and queues.
import { isDeepStrictEqual } from 'node:util';
import type { Sighting } from '../aws/estate.ts';
import type { Calendar } from './calendar.ts';
import { type Span, ledgerState, midnightAfter, spansOf } from './ledger.ts';
import { type ByHand, type Sleeper, resourceOf } from './sleeper.ts';

export interface Look {
  readonly target: string;
  /** The time of this look, and of the last one before it; milliseconds. */
  readonly at: number;
  readonly lastLook: number | undefined;
  /** Nobody looked for so long that what happened in between isn't known. */
  readonly gap: boolean;
  /** The file means other resources than before: what is new here may have been there for years. */
  readonly isRemeant: boolean;
  /** Of the schedule that decides now. */
  readonly schedule: string | undefined;
  readonly calendar: Calendar | undefined;
}

export interface Observed {
  readonly sleeper: Sleeper;
  /** What came to its end with this look. */
  readonly spans: readonly Span[];
}

/** AWS's own restart is seen up to this long before its time, for clocks differ; and a job's effect this long after it. */
const tolerance = 10 * 60_000;
const ownEffect = 2 * 3_600_000;
const longTime = 400 * 86_400_000;

export function observe(was: Sleeper | undefined, seen: Sighting, look: Look): Observed {
  const fresh = sightOf(seen, look);
  if (was === undefined) return { sleeper: newSleeper(fresh, look), spans: [] };
  // Made anew under the old name: nothing that is known of the old one is true of it.
  if (was.condition === 'gone') return settleSpans(was, newSleeper(fresh, look), look);
  const { restartsAt: _restartsAt, schedule: _schedule, byHand: old, ...kept } = was;
  const byHand = handOf(was, seen, look) ?? (old && old.until > look.at ? old : undefined);
  const sleeper: Sleeper = { ...kept, ...fresh, ...(byHand ? { byHand } : {}) };
  return settleSpans(was, sleeper, look);
}

/** A resource that a whole look didn't show. */
export function observeGone(was: Sleeper, look: Look): Observed {
  const {
    restartsAt: _restartsAt,
    task: _task,
    postponed: _postponed,
    setback: _setback,
    waits: _waits,
    ...kept
  } = was;
  return settleSpans(was, { ...kept, condition: 'gone', status: 'gone' }, look);
}

function sightOf(seen: Sighting, { target, schedule }: Look) {
  const { kind, id, name, arn, status, condition, shape, restartsAt } = seen;
  return {
    schema: 1 as const,
    resource: resourceOf(target, seen),
    target,
    kind,
    id,
    name,
    arn,
    status,
    condition,
    shape,
    ...(restartsAt === undefined ? {} : { restartsAt }),
    ...(schedule === undefined ? {} : { schedule }),
  };
}

/** One that appears while the service is watching was made by a person just now; on the first look of all, nobody knows. */
function newSleeper(fresh: ReturnType<typeof sightOf>, look: Look): Sleeper {
  const { at, lastLook, gap, isRemeant, calendar } = look;
  const sleeper: Sleeper = { ...fresh, since: at, firstSeen: at };
  if (lastLook === undefined || gap || isRemeant || calendar?.shouldRun(at) !== false) return sleeper;
  return { ...sleeper, byHand: byHandOf('started', look) };
}

/** A change that neither the schedule nor AWS made, since the last boundary. */
function handOf(was: Sleeper, seen: Sighting, look: Look): ByHand | undefined {
  const { at, lastLook = at, calendar } = look;
  const did = changeBetween(was.condition, seen.condition);
  if (did === undefined || calendar === undefined) return undefined;
  const goal = did === 'started' ? 'running' : 'stopped';
  if (was.task?.goal === goal || (was.done?.goal === goal && at - was.done.at < ownEffect)) return undefined;
  if (did === 'started' && was.restartsAt !== undefined && at >= was.restartsAt - tolerance) return undefined;
  // Nobody can tell on which side of a boundary it was done: the schedule decides.
  if ((calendar.lastChange(at)?.at ?? 0) > lastLook) return undefined;
  return byHandOf(did, look);
}

function byHandOf(did: ByHand['did'], { at, calendar }: Look): ByHand {
  return { did, seenAt: at, until: calendar?.nextChange(at)?.at ?? at + longTime };
}

function changeBetween(before: Sleeper['condition'], now: Sighting['condition']): ByHand['did'] | undefined {
  const asleep = (condition: Sleeper['condition']) => condition === 'stopped' || condition === 'stopping';
  const awake = (condition: Sleeper['condition']) => condition === 'starting' || condition === 'running';
  if (asleep(before) && awake(now)) return 'started';
  if ((awake(before) || before === 'changing') && asleep(now)) return 'stopped';
  return undefined;
}

function settleSpans(was: Sleeper, sleeper: Sleeper, { at, lastLook = at, gap }: Look): Observed {
  const same =
    ledgerState(was) === ledgerState(sleeper) &&
    was.schedule === sleeper.schedule &&
    isDeepStrictEqual(was.shape, sleeper.shape);
  const sawIt = !gap || (same && !wokeMeanwhile(was, sleeper));
  if (same && sawIt) {
    const full = at >= midnightAfter(was.since) ? spansOf(was, Math.floor(at / 86_400_000) * 86_400_000) : [];
    return {
      sleeper: { ...sleeper, since: full.at(-1)?.to ?? was.since },
      spans: full,
    };
  }
  if (sawIt) return { sleeper: { ...sleeper, since: at }, spans: spansOf(was, at) };
  const until = Math.max(was.since, lastLook);
  const spans = [...spansOf(was, until), ...spansOf({ ...was, since: until }, at, 'unknown')];
  return { sleeper: { ...sleeper, since: at }, spans };
}

/** Asleep before and after, but not the same sleep: AWS's seven days count from another time. */
function wokeMeanwhile(was: Sleeper, sleeper: Sleeper): boolean {
  if (ledgerState(sleeper) !== 'stopped') return false;
  return Math.abs((was.restartsAt ?? 0) - (sleeper.restartsAt ?? 0)) > tolerance;
}
