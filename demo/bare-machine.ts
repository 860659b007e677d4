// The service and its stand-ins in one process, for a machine with nothing: no AWS account, no Redis. The service is the
// real one; its settings are all that lead it here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { startService } from '../src/service.ts';
import { addSamples } from '../emulator/sample.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';

interface BareMachine {
  readonly url: string;
  readonly emulator: Emulator;
  readonly eventsQueueUrl: string;
  close(): Promise<void>;
}

/**
 * Stand-ins with their sample account, a fresh embedded store in a temporary folder, and the service over both. `more` are
 * further settings of the service.
 */
export async function startBareMachine(
  settings: { port: number; logLevel: string },
  more: Readonly<Record<string, string>> = {},
): Promise<BareMachine> {
  const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-'));
  const emulator = await startEmulator();
  const eventsQueueUrl = emulator.createQueue('neptune-ops-events');
  // The SDK reads its own settings from the environment of the process.
  Object.assign(process.env, emulator.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  const config = readConfig({
    ...emulator.env,
    PORT: String(settings.port),
    NEPTUNE_OPS_DATA_DIR: join(folder, 'store'),
    NEPTUNE_OPS_EVENTS_QUEUE_URL: eventsQueueUrl,
    NEPTUNE_OPS_RESETTABLE_CLUSTERS: 'default/dev-1',
    NEPTUNE_OPS_POLL_MAX_MS: '500',
    NEPTUNE_OPS_RATE_NEPTUNE: '20',
    // The first look is made before the samples are there.
    NEPTUNE_OPS_SCHEDULES_TICK_MS: '5000',
    NEPTUNE_OPS_LOG_LEVEL: settings.logLevel,
    ...more,
  });
  const service = await startService(
    config,
    'all',
    createLog(config.NEPTUNE_OPS_LOG_LEVEL, config.NEPTUNE_OPS_LOG_FORMAT),
  );
  // Last, for from now on its clusters start and its imports run.
  await addSamples(emulator.account);
  return {
    url: service.url ?? '',
    emulator,
    eventsQueueUrl,
    async close() {
      await service.close();
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
