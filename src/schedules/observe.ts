// What a new sight of a resource means for what is remembered of it: whether it is still the same one, and which span of the
// ledger ended. Pure; knows nothing of stores and queues.
import { isDeepStrictEqual } from 'node:util';
import type { Sighting } from '../aws/estate.ts';
import type { Calendar } from './calendar.ts';
import { type Span, ledgerState, midnightAfter, spansOf } from './ledger.ts';
import { type Sleeper, resourceOf } from './sleeper.ts';

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

/** Between two announcements of one and the same restart, in milliseconds. */
const tolerance = 10 * 60_000;

export function observe(was: Sleeper | undefined, seen: Sighting, look: Look): Observed {
  const fresh = sightOf(seen, look);
  if (was === undefined) return { sleeper: newSleeper(fresh, look), spans: [] };
  if (isAnother(was, seen)) {
    // The old one's job acts on whatever has its name: it is followed, and taken back if nobody wants it.
    const { task } = was;
    return settleSpans(was, { ...newSleeper(fresh, look), ...(task ? { task } : {}) }, look);
  }
  const { restartsAt: _restartsAt, schedule: _schedule, ...kept } = was;
  return settleSpans(was, { ...kept, ...fresh }, look);
}

/** Made anew under the old name: nothing that is known of the old one is true of it. */
export function isAnother(was: Pick<Sleeper, 'condition' | 'madeAs'>, { madeAs }: Pick<Sighting, 'madeAs'>): boolean {
  if (was.madeAs === undefined || madeAs === undefined) return was.condition === 'gone';
  return was.madeAs !== madeAs;
}

/** A resource that a whole look didn't show. */
export function observeGone(was: Sleeper, look: Look): Observed {
  const {
    restartsAt: _restartsAt,
    task: _task,
    postponed: _postponed,
    setback: _setback,
    waits: _waits,
    doubt: _doubt,
    ...kept
  } = was;
  return settleSpans(was, { ...kept, condition: 'gone', status: 'gone' }, look);
}

function sightOf(seen: Sighting, { target, schedule }: Look) {
  const { kind, id, name, arn, madeAs, status, condition, shape, restartsAt } = seen;
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
    ...(madeAs === undefined ? {} : { madeAs }),
    ...(restartsAt === undefined ? {} : { restartsAt }),
    ...(schedule === undefined ? {} : { schedule }),
  };
}

function newSleeper(fresh: ReturnType<typeof sightOf>, { at }: Look): Sleeper {
  return { ...fresh, since: at, firstSeen: at };
}

function settleSpans(was: Sleeper, sleeper: Sleeper, { at, lastLook = at, gap }: Look): Observed {
  const same =
    !isAnother(was, sleeper) &&
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
