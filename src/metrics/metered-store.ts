// A store that measures requests and reports commits. It answers and rejects exactly as the store behind it.
import type { Change, Store } from '../records/store.ts';
import type { Metrics } from './registry.ts';

/** Calls `onCommitted` after every commit that succeeded. */
export function meteredStore(
  store: Store,
  kind: 'redis' | 'embedded',
  metrics: Metrics,
  onCommitted: (changes: readonly Change[]) => void,
): Store {
  const timed = async <Answer>(method: string, call: () => Promise<Answer>): Promise<Answer> => {
    const labels = { store: kind, method };
    const began = performance.now();
    try {
      return await call();
    } catch (error) {
      metrics.add('neptune_ops_store_errors_total', labels);
      throw error;
    } finally {
      metrics.observe('neptune_ops_store_call_duration_seconds', labels, (performance.now() - began) / 1_000);
    }
  };
  return {
    read: (keys) => timed('read', () => store.read(keys)),
    knownTime: () => store.knownTime(),
    async commit(changes) {
      const committed = await timed('commit', () => store.commit(changes));
      if (committed.ok) onCommitted(changes);
      return committed;
    },
    page: (index, request) => timed('page', () => store.page<never>(index, request)),
    count: (index) => timed('count', () => store.count(index)),
    prune: (index, entries) => timed('prune', () => store.prune(index, entries)),
    close: () => store.close(),
  };
}
