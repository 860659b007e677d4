// Answers whether the process is alive and whether the service can work, as a status and a body. Everybody may read it,
// so it says only what is wrong.
import type { Config } from './config.ts';
import { notReady } from './queue/readiness.ts';
import type { Storage } from './queue/storage.ts';
import { findStaleness } from './schedules/report/staleness.ts';
import type { WatchedPlan } from './schedules/file/watched-plan.ts';

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: { readonly status: 'ok' | 'ready' | 'not-ready'; readonly reasons?: readonly string[] };
}

export interface HealthSettings {
  readonly config: Pick<Config, 'targets' | 'NEPTUNE_OPS_SCHEDULES_TICK_MS' | 'NEPTUNE_OPS_EVENTS_QUEUE_URL'>;
  readonly storage: Pick<Storage, 'store'>;
  /** The schedules file, where one is configured. */
  readonly schedules?: WatchedPlan | undefined;
}

/** `/healthz`: an answer shows that the event loop runs. */
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
