// Merges a new look at a resource into its record: whether it is still the same resource, and which ledger spans ended.
// Pure.
import { isDeepStrictEqual } from 'node:util';
import type { ObservedResource } from '../../aws/inventory.ts';
import type { Calendar } from '../calendar/calendar.ts';
import { type LedgerSpan, ledgerState, midnightAfter, spansOf } from '../ledger.ts';
import { type ManagedResource, qualifiedName } from '../managed-resource.ts';

export interface ResourceLook {
  readonly target: string;
  /** The times of this look and of the one before; milliseconds. */
  readonly at: number;
  readonly lastLook: number | undefined;
  /** Nobody looked for so long that changes in between are unknown. */
  readonly gap: boolean;
  /** The file selects other resources than before, so a resource that is new here may be years old. */
  readonly isRemeant: boolean;
  /** The name of the schedule that decides now. */
  readonly schedule: string | undefined;
  readonly calendar: Calendar | undefined;
}

interface Observed {
  readonly managed: ManagedResource;
  /** The spans that ended with this look. */
  readonly spans: readonly LedgerSpan[];
}

/** Two restart times nearer than this are the same announced restart; milliseconds. */
const tolerance = 10 * 60_000;

export function observe(was: ManagedResource | undefined, seen: ObservedResource, look: ResourceLook): Observed {
  const fresh = factsOf(seen, look);
  if (was === undefined) return { managed: newManagedResource(fresh, look), spans: [] };
  if (isAnother(was, seen)) {
    // The old resource's job acts on whatever has its name now. It is followed, and cancelled if it is no longer
    // wanted.
    const { task } = was;
    return settleSpans(was, { ...newManagedResource(fresh, look), ...(task ? { task } : {}) }, look);
  }
  const { restartsAt: _restartsAt, schedule: _schedule, ...kept } = was;
  return settleSpans(was, { ...kept, ...fresh }, look);
}

/** Whether the resource was created anew under its old name. Nothing known about the old one then applies. */
export function isAnother(
  was: Pick<ManagedResource, 'condition' | 'madeAs'>,
  { resourceUid: uid }: { readonly resourceUid?: string | undefined },
): boolean {
  if (was.madeAs === undefined || uid === undefined) return was.condition === 'gone';
  return was.madeAs !== uid;
}

/** Records that a complete list no longer shows a resource. */
export function observeGone(was: ManagedResource, look: ResourceLook): Observed {
  const {
    restartsAt: _restartsAt,
    task: _task,
    postponed: _postponed,
    setback: _setback,
    waits: _waits,
    waiting: _waiting,
    doubt: _doubt,
    ...kept
  } = was;
  return settleSpans(was, { ...kept, condition: 'gone', status: 'gone' }, look);
}

function factsOf(seen: ObservedResource, { target, schedule }: ResourceLook) {
  const { kind, id, name, arn, resourceUid: madeAs, status, condition, shape, restartsAt } = seen;
  return {
    schema: 1 as const,
    resource: qualifiedName(target, seen),
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

function newManagedResource(fresh: ReturnType<typeof factsOf>, { at }: ResourceLook): ManagedResource {
  return { ...fresh, since: at, firstSeen: at };
}

function settleSpans(
  was: ManagedResource,
  managed: ManagedResource,
  { at, lastLook = at, gap }: ResourceLook,
): Observed {
  const same =
    !isAnother(was, { resourceUid: managed.madeAs }) &&
    ledgerState(was) === ledgerState(managed) &&
    was.schedule === managed.schedule &&
    isDeepStrictEqual(was.shape, managed.shape);
  const sawIt = !gap || (same && !wokeMeanwhile(was, managed));
  if (same && sawIt) {
    const full = at >= midnightAfter(was.since) ? spansOf(was, Math.floor(at / 86_400_000) * 86_400_000) : [];
    return {
      managed: { ...managed, since: full.at(-1)?.to ?? was.since },
      spans: full,
    };
  }
  if (sawIt) return { managed: { ...managed, since: at }, spans: spansOf(was, at) };
  const until = Math.max(was.since, lastLook);
  const spans = [...spansOf(was, until), ...spansOf({ ...was, since: until }, at, 'unknown')];
  return { managed: { ...managed, since: at }, spans };
}

/** Stopped before and after, but started in between: AWS's seven days began anew. */
function wokeMeanwhile(was: ManagedResource, managed: ManagedResource): boolean {
  if (ledgerState(managed) !== 'stopped') return false;
  return Math.abs((was.restartsAt ?? 0) - (managed.restartsAt ?? 0)) > tolerance;
}
