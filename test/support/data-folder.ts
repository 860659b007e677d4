// Data folders made before: PostgreSQL takes seconds to make a database, and BullMQ one more for its tables; a copy takes a
// tenth. It must not be used where a first start is what is tested.
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '../../src/queue/storage.ts';
import { openEmbeddedDatabase } from '../../src/records/embedded-database.ts';
import { madeOnce } from './made-once.ts';
import { silent } from './storages.ts';

const makers = {
  /** A database without the service's tables. */
  empty: async (folder: string) => (await openEmbeddedDatabase({ folder })).close(),
  /** As a service leaves it behind that had nothing to do. */
  started: async (folder: string) => {
    copyInto(folder, await template('empty'));
    await (await openStorage({ dataDir: folder, log: silent })).close();
  },
};

type Kind = keyof typeof makers;

const template = (kind: Kind) => madeOnce(`data-folder-${kind}`, makers[kind]);

/** PostgreSQL goes by the modes of its folders, which a copy keeps. */
function copyInto(folder: string, from: string): void {
  cpSync(from, folder, { recursive: true });
}

/** A new one; whoever asks removes it. */
export async function newDataFolder(kind: Kind = 'started'): Promise<string> {
  const from = await template(kind);
  const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-data-'));
  copyInto(folder, from);
  return folder;
}
