// Answers whether the process is alive and whether the service can work, as a status and a body. Everybody may read it,
// so it says only what is wrong.
import type { Config } from './config.ts';
import { type Troubles, notReady, refusesWrites } from './queue/readiness.ts';
import type { Storage } from './queue/storage.ts';
import { findStaleness } from './schedules/report/staleness.ts';
import type { WatchedPlan } from './schedules/file/watched-plan.ts';

interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: {
    readonly status: 'ok' | 'ready' | 'not-ready';
    readonly reasons?: readonly string[];
    /** What is wrong with a part, while the rest goes on. */
    readonly warnings?: readonly string[];
  };
}

export interface HealthSettings {
  readonly config: Pick<Config, 'targets' | 'NEPTUNE_OPS_SCHEDULES_TICK_MS' | 'NEPTUNE_OPS_EVENTS_QUEUE_URL'>;
  readonly storage: Pick<Storage, 'store' | 'probe'>;
  /** The schedules file, where one is configured. */
  readonly schedules?: WatchedPlan | undefined;
  /** Aborted once this process is about to end. */
  readonly ending?: AbortSignal | undefined;
}

/** `/healthz`: an answer shows that the event loop runs. */
export function alive(): HealthAnswer {
  return { status: 200, body: { status: 'ok' } };
}

/** `/readyz`. Never rejects. */
export async function readiness(settings: HealthSettings): Promise<HealthAnswer> {
  if (settings.ending?.aborted) {
    return { status: 503, body: { status: 'not-ready', reasons: ['This process is ending.'] } };
  }
  const { reasons, warnings } = await troublesOf(settings).catch(() => ({
    reasons: ['The store can’t be reached.'],
    warnings: [],
  }));
  const told = { reasons, ...(warnings.length > 0 ? { warnings } : {}) };
  return reasons.length === 0
    ? { status: 200, body: { status: 'ready', ...told } }
    : { status: 503, body: { status: 'not-ready', ...told } };
}

/** The reasons why the service isn't ready, and warnings. Rejects when the store can't be reached. */
async function troublesOf({ config, storage, schedules }: HealthSettings): Promise<Troubles> {
  // First and alone, because it explains everything else that is late.
  const refusal = await refusesWrites(storage);
  if (refusal !== undefined) return { reasons: [refusal], warnings: [] };
  const [ofWork, ofSchedules] = await Promise.all([
    notReady(storage.store, config.targets, config.NEPTUNE_OPS_EVENTS_QUEUE_URL !== undefined),
    schedules && findStaleness(storage.store, schedules, config.NEPTUNE_OPS_SCHEDULES_TICK_MS),
  ]);
  return {
    reasons: [...ofWork.reasons, ...(ofSchedules?.reasons ?? [])],
    warnings: [...ofWork.warnings, ...(ofSchedules?.warnings ?? [])],
  };
}
