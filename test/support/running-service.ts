// A service to be asked, as a process over an emulator with the sample account; everything in it goes fast. It must
// not be closed before all that was asked of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sample } from '../../emulator/sample.ts';
import { newDataFolder } from './data-folder.ts';
import { type EmulatorProcess, startEmulatorProcess } from './emulator-process.ts';
import { type ServiceProcess, startServiceProcess } from './service-process.ts';

export interface RunningService {
  readonly url: string;
  readonly emulator: EmulatorProcess;
  readonly process: ServiceProcess;
  close(): Promise<void>;
}

/** `dev-1` and the first sample graph may be reset. `more` are further settings. */
export async function startRunningService(more: Record<string, string> = {}): Promise<RunningService> {
  const emulator = await startEmulatorProcess();
  const onRedis = more['REDIS_URL'] !== undefined;
  const folder = onRedis ? mkdtempSync(join(tmpdir(), 'neptune-ops-test-')) : await newDataFolder();
  const service = startServiceProcess({
    ...emulator.env,
    PORT: '0',
    NEPTUNE_OPS_DATA_DIR: folder,
    NEPTUNE_OPS_POLL_MAX_MS: '200',
    NEPTUNE_OPS_SETTLE_MAX_MS: '1000',
    NEPTUNE_OPS_RATE_NEPTUNE: '100',
    NEPTUNE_OPS_RESETTABLE_CLUSTERS: 'default/dev-1',
    NEPTUNE_OPS_RESETTABLE_GRAPHS: `default/${sample.graph}`,
    ...more,
  });
  const close = async () => {
    await service.end('SIGKILL');
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: await service.started(), emulator, process: service, close };
  } catch (error) {
    await close();
    throw error;
  }
}
