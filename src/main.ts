#!/usr/bin/env node
// Starts the service: `neptune-ops start`, `neptune-ops start api`, `neptune-ops start worker`. Ends cleanly on SIGTERM
// and SIGINT.
import { inspect } from 'node:util';
import { SettingsError, adoptConfigFile, adoptRegion, readConfig } from './config.ts';
import { createLog, logCrashes } from './log.ts';
import { hideSettings, withoutSecrets } from './redact.ts';
import type { Role } from './service.ts';
import { endOnSignals } from './signals.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const role = (process.argv[2] ?? 'all') as Role;
const endWith = endOnSignals();

try {
  if (!['all', 'api', 'worker'].includes(role))
    throw new Error(`There is no part “${role}” to start: api, worker, or nothing for both.`);
  adoptConfigFile(process.env);
  await adoptRegion(process.env);
  const config = readConfig(process.env);
  hideSettings({ ...process.env, REDIS_URL: config.REDIS_URL });
  if (role !== 'all' && config.REDIS_URL === undefined) {
    throw new Error('api and worker run apart only with REDIS_URL: the embedded store is for one process.');
  }
  const log = createLog(config.NEPTUNE_OPS_LOG_LEVEL, config.NEPTUNE_OPS_LOG_FORMAT);
  logCrashes(log);
  const { startService } = await import('./service.ts');
  const service = await startService(config, role, log);
  const { NEPTUNE_OPS_SHUTDOWN_DELAY_MS: delay, NEPTUNE_OPS_DRAIN_MS: drain } = config;
  endWith(
    (signal) => {
      log.info({ signal }, 'stopping');
      return service.close();
    },
    delay + drain + 5_000,
  );
} catch (error) {
  const plain =
    error instanceof SettingsError || (error instanceof Error && process.env.NEPTUNE_OPS_LOG_LEVEL !== 'trace');
  console.error(withoutSecrets(plain ? (error as Error).message : inspect(error)));
  process.exit(1);
}
