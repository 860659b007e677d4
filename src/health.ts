// Whether the process lives and whether the service can do its work, as a status and a body, for whoever has a server to
// answer with. Open to everybody: it must never tell more than what is in the way.
import type { Config } from './config.ts';
import { notReady } from './queue/readiness.ts';
import type { Storage } from './queue/storage.ts';
import { findStaleness } from './schedules/report/staleness.ts';
import type { WatchedPlan } from './schedules/file/watched-plan.ts';

interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: { readonly status: 'ok' | 'ready' | 'not-ready'; readonly reasons?: readonly string[] };
}

export interface HealthSettings {
  readonly config: Pick<Config, 'targets' | 'NEPTUNE_OPS_SCHEDULES_TICK_MS' | 'NEPTUNE_OPS_EVENTS_QUEUE_URL'>;
  readonly storage: Pick<Storage, 'store'>;
  /** The file of schedules, where one is configured. */
  readonly schedules?: WatchedPlan | undefined;
}

/** `/healthz`: whoever gets this answer knows that the event loop goes round. */
export function alive(): HealthAnswer {
  return { status: 200, body: { status: 'ok' } };
}

/** `/readyz`. Never rejects. */
export async function readiness({ config, storage: { store }, schedules }: HealthSettings): Promise<HealthAnswer> {
  const behind = schedules ? findStaleness(store, schedules, config.NEPTUNE_OPS_SCHEDULES_TICK_MS) : [];
  const reasons = await Promise.all([
    notReady(store, config.targets, config.NEPTUNE_OPS_EVENTS_QUEUE_URL !== undefined),
    behind,
  ])
    .then((parts) => parts.flat())
    .catch(() => ['The store can’t be reached.']);
  return reasons.length === 0
    ? { status: 200, body: { status: 'ready', reasons } }
    : { status: 503, body: { status: 'not-ready', reasons } };
}
