// A whole service with a board, over stand-ins: one key that may do things, one that may only read, one that sees only a part.
import { type ApiKey, createKey } from '../../../src/api/auth/api-keys.ts';
import { type Config, readConfig } from '../../../src/config.ts';
import type { ClusterOptions } from '../../../emulator/neptune/clusters.ts';
import { type Emulator, startEmulator } from '../../../emulator/emulator.ts';
import { startService } from '../../../src/service.ts';
import { startRedisServer } from '../../support/redis-server.ts';
import { silent } from '../../support/storages.ts';

export const keyOf = (name: string, scopes: string[], more: Partial<ApiKey> = {}) =>
  createKey({ name, scopes, targets: ['*'], resources: ['*'], ...more });

export const operator = keyOf('operator', ['read', 'cancel', 'operation:*', 'operation:fast-reset']);
export const reader = keyOf('reader', ['read']);
export const partial = keyOf('partial', ['read', 'cancel', 'operation:*'], { resources: ['db-cluster/dev-*'] });

export interface BoardService {
  readonly url: string;
  readonly config: Config;
  readonly emulator: Emulator;
  /** A new cluster; answers its identifier. */
  cluster(options?: Omit<ClusterOptions, 'identifier'>): Promise<string>;
  /** A request with the operator's key; answers its JSON. */
  api<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  close(): Promise<void>;
}

/** `more` are further settings. */
export async function startBoardService(
  store: 'redis' | 'embedded',
  more: Record<string, string> = {},
): Promise<BoardService> {
  const emulator = await startEmulator();
  const redis = store === 'redis' ? await startRedisServer() : undefined;
  Object.assign(process.env, emulator.env);
  const config = readConfig({
    ...emulator.env,
    PORT: '0',
    NEPTUNE_OPS_BOARD: 'on',
    NEPTUNE_OPS_DATA_DIR: 'memory://',
    NEPTUNE_OPS_API_KEYS: JSON.stringify([operator, reader, partial].map(({ entry }) => entry)),
    NEPTUNE_OPS_RATE_NEPTUNE: '100',
    // Nothing is waited for that another process would not take up again.
    NEPTUNE_OPS_DRAIN_MS: '500',
    NEPTUNE_OPS_RESETTABLE_CLUSTERS: 'default/resettable-1',
    ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
    ...more,
  });
  const service = await startService(config, 'all', silent);
  const url = service.url ?? '';
  let clusters = 0;
  return {
    url,
    config,
    emulator,
    async cluster(options = {}) {
      const identifier = `c-${(clusters += 1)}`;
      await emulator.account.addCluster({ dataPlane: false, ...options, identifier });
      return identifier;
    },
    async api<Answer>(method: string, path: string, body?: unknown) {
      const answer = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${operator.key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return (await answer.json()) as Answer;
    },
    async close() {
      await service.close();
      await redis?.stop();
      await emulator.close();
    },
  };
}
