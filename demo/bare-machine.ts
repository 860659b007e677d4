// Runs the service and the emulator in one process, without an AWS account or Redis. The service is the real one; its
// settings point it to the emulator.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { startService } from '../src/service.ts';
import { addSamples, sample } from '../emulator/sample.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';

interface BareMachine {
  readonly url: string;
  readonly emulator: Emulator;
  readonly eventsQueueUrl: string;
  close(): Promise<void>;
}

/**
 * Starts the emulator with its sample account, a new embedded store in a temporary folder, and the service. `more` are
 * further settings of the service.
 */
export async function startBareMachine(
  settings: { port: number; logLevel: string },
  more: Readonly<Record<string, string>> = {},
): Promise<BareMachine> {
  const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-'));
  const emulator = await startEmulator();
  const eventsQueueUrl = emulator.createQueue('neptune-ops-events');
  // The SDK reads its settings from the process' environment.
  Object.assign(process.env, emulator.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  const config = readConfig({
    ...emulator.env,
    PORT: String(settings.port),
    NEPTUNE_OPS_DATA_DIR: join(folder, 'store'),
    NEPTUNE_OPS_EVENTS_QUEUE_URL: eventsQueueUrl,
    NEPTUNE_OPS_RESETTABLE_CLUSTERS: 'default/dev-1',
    NEPTUNE_OPS_RESETTABLE_GRAPHS: `default/${sample.graph}`,
    NEPTUNE_OPS_POLL_MAX_MS: '500',
    NEPTUNE_OPS_RATE_NEPTUNE: '20',
    // The first tick comes before the samples exist.
    NEPTUNE_OPS_SCHEDULES_TICK_MS: '5000',
    NEPTUNE_OPS_LOG_LEVEL: settings.logLevel,
    ...more,
  });
  const service = await startService(
    config,
    'all',
    createLog(config.NEPTUNE_OPS_LOG_LEVEL, config.NEPTUNE_OPS_LOG_FORMAT),
  );
  // Last, because the samples' clusters start and their imports run from now on.
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
