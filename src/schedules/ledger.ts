// The ledger: for each resource, spans of the state it was seen in, without gaps. A span is at most one day of UTC. It
// is written when it ends, in the commit that saves the resource. It counts states that were seen, never calls that
// were made.
import type { Condition, Shape } from '../aws/inventory.ts';
import type { Change } from '../records/store.ts';
import { day } from './calendar/wall-clock.ts';
import type { ManagedResource } from './managed-resource.ts';

/** `running` and `moving` are billed as awake. `unknown`: nobody looked, and it changed meanwhile. `gone`: not there, or out of everybody's reach. */
export type LedgerState = 'running' | 'moving' | 'stopped' | 'unknown' | 'gone';

/** `from` and `to` are the store's time in milliseconds. */
export interface LedgerSpan {
  readonly resource: string;
  readonly target: string;
  readonly kind: ManagedResource['kind'];
  readonly id: string;
  readonly name: string;
  readonly schedule: string;
  readonly state: LedgerState;
  readonly from: number;
  readonly to: number;
  readonly shape: Shape;
}

export const spansIndex = { all: 'spans', of: (resource: string) => `spans/${resource}` };

const states: Readonly<Record<ManagedResource['condition'], LedgerState>> = {
  running: 'running',
  changing: 'running',
  starting: 'moving',
  stopping: 'moving',
  stopped: 'stopped',
  recoverable: 'gone',
  lost: 'gone',
  gone: 'gone',
} satisfies Record<Condition | 'gone', LedgerState>;

export function ledgerState({ condition }: Pick<ManagedResource, 'condition'>): LedgerState {
  return states[condition];
}

/** The current span up to a time, cut at UTC midnights. Empty while no schedule applies. */
export function spansOf(managed: ManagedResource, to: number, state: LedgerState = ledgerState(managed)): LedgerSpan[] {
  const { resource, target, kind, id, name, schedule, shape } = managed;
  if (schedule === undefined) return [];
  const spans: LedgerSpan[] = [];
  for (let from = managed.since; from < to; from = midnightAfter(from)) {
    const end = Math.min(to, midnightAfter(from));
    spans.push({ resource, target, kind, id, name, schedule, state, from, to: end, shape });
  }
  return spans;
}

export function midnightAfter(at: number): number {
  return (Math.floor(at / day) + 1) * day;
}

/** The change that writes a span. A span is never changed again. */
export function spanChange(span: LedgerSpan): Change {
  return {
    op: 'create',
    key: `span/${span.resource}/${span.from}`,
    value: span,
    indexes: { [spansIndex.all]: span.to, [spansIndex.of(span.resource)]: span.to },
  };
}
