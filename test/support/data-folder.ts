// Data folders made before, for a copy takes a part of a first start. It must not be used where a first start is what is tested.
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '../../src/queue/storage.ts';
import { madeOnce } from './made-once.ts';
import { silent } from './storages.ts';

/** As an idle service leaves it. */
const template = () =>
  madeOnce('data-folder', async (folder) => (await openStorage({ dataDir: folder, log: silent })).close());

/** A new one; whoever asks removes it. PostgreSQL goes by the modes of its folders, which a copy keeps. */
export async function newDataFolder(): Promise<string> {
  const from = await template();
  const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-data-'));
  cpSync(from, folder, { recursive: true });
  return folder;
}
