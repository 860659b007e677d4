// Copies of prepared data folders: PostgreSQL takes seconds to make a database, and BullMQ one more for its tables; a
// copy takes a tenth. Not for tests of a first start.
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
  /** As an idle service leaves it. */
  started: async (folder: string) => {
    copyInto(folder, await template('empty'));
    await (await openStorage({ dataDir: folder, log: silent })).close();
  },
};

type Kind = keyof typeof makers;

const template = (kind: Kind) => madeOnce(`data-folder-${kind}`, makers[kind]);

/** PostgreSQL checks the modes of its folders, and a copy keeps them. */
function copyInto(folder: string, from: string): void {
  cpSync(from, folder, { recursive: true });
}

/** A new copy. The caller removes it. */
export async function newDataFolder(kind: Kind = 'started'): Promise<string> {
  const from = await template(kind);
  const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-data-'));
  copyInto(folder, from);
  return folder;
}
