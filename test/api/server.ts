// The producer API without a port: its server over a storage, and requests put into it.
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { createServer } from '../../src/api/server.ts';
import { type Config, readConfig } from '../../src/config.ts';
import type { Scraped } from '../../src/metrics/service-metrics.ts';
import type { DryRun } from '../../src/queue/dry-run.ts';
import type { Storage } from '../../src/queue/storage.ts';
import type { WatchedPlan } from '../../src/schedules/file/watched-plan.ts';
import { silent } from '../support/storages.ts';

export interface TestDoor {
  readonly server: FastifyInstance;
  ask(
    method: NonNullable<InjectOptions['method']>,
    url: string,
    options?: Omit<InjectOptions, 'method' | 'url'>,
  ): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export const doorConfig: Config = readConfig({
  AWS_REGION: 'eu-west-1',
  NEPTUNE_OPS_TARGETS: 'prod=us-east-1',
  NEPTUNE_OPS_RESETTABLE_CLUSTERS: 'default/test-1',
  NEPTUNE_OPS_RESETTABLE_GRAPHS: 'default/g-0123456789',
});

/** For tests that look at nothing in AWS. */
const noDryRun: DryRun = () => Promise.reject(new Error('This door knows no AWS.'));

export function openDoor(
  storage: Storage,
  config = doorConfig,
  dryRun = noDryRun,
  log = silent,
  schedules?: WatchedPlan,
  metrics?: Scraped,
): TestDoor {
  const server = createServer(config, storage, log, dryRun, schedules, metrics);
  return {
    server,
    ask: (method, url, options = {}) => server.inject({ method, url, ...options }),
    close: () => server.close(),
  };
}
