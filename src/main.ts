#!/usr/bin/env node
// Starts the service: `neptune-ops start`, `neptune-ops start api`, `neptune-ops start worker`. Ends cleanly on SIGTERM
// and SIGINT.
import { inspect } from 'node:util';
import { SettingsError, adoptConfigFile, readConfig } from './config.ts';
import { createLog, logCrashes } from './log.ts';
import { hideSettings, withoutSecrets } from './redact.ts';
import { type Role, startService } from './service.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const role = (process.argv[2] ?? 'all') as Role;

try {
  if (!['all', 'api', 'worker'].includes(role))
    throw new Error(`There is no part “${role}” to start: api, worker, or nothing for both.`);
  adoptConfigFile(process.env);
  const config = readConfig(process.env);
  hideSettings({ ...process.env, REDIS_URL: config.REDIS_URL });
  if (role !== 'all' && config.REDIS_URL === undefined) {
    throw new Error('api and worker run apart only with REDIS_URL: the embedded store is for one process.');
  }
  const log = createLog(config.NEPTUNE_OPS_LOG_LEVEL, config.NEPTUNE_OPS_LOG_FORMAT);
  logCrashes(log);
  const service = await startService(config, role, log);
  const stop = async (signal: string) => {
    log.info({ signal }, 'stopping');
    // Nothing that hangs may keep the process.
    setTimeout(() => process.exit(1), config.NEPTUNE_OPS_DRAIN_MS + 5_000).unref();
    await service.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop('SIGTERM'));
  process.once('SIGINT', () => void stop('SIGINT'));
} catch (error) {
  const plain =
    error instanceof SettingsError || (error instanceof Error && process.env.NEPTUNE_OPS_LOG_LEVEL !== 'trace');
  console.error(withoutSecrets(plain ? (error as Error).message : inspect(error)));
  process.exit(1);
}
