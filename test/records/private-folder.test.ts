// The embedded store's folder belongs to the user the service runs as, and to nobody else.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examine } from '../../src/doctor/finding.ts';
import { checkFolder } from '../../src/doctor/folder-check.ts';
import { openEmbeddedDatabase } from '../../src/records/embedded-database.ts';
import { makePrivate, rightsOfOthers } from '../../src/records/private-folder.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'neptune-ops-private-'));
  folder = join(parent, 'deep', 'data');
});
afterEach(() => rmSync(parent, { recursive: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o1777).toString(8);
const openToOthers = () =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).mode & 0o077);
const rights = async () =>
  (await examine('Embedded store', (into) => checkFolder(into, folder))).filter(({ what }) => what === 'rights');

describe('the folder of the embedded store', () => {
  it.each(['new', 'there already, open to everybody'])(
    '%s, is nobody else’s, and nor is anything in it',
    async (how) => {
      if (how !== 'new') {
        mkdirSync(join(folder, 'pg'), { recursive: true });
        writeFileSync(join(folder, 'of an earlier version'), '');
        for (const path of [folder, join(folder, 'pg'), join(folder, 'of an earlier version')]) chmodSync(path, 0o777);
      }
      const database = await openEmbeddedDatabase({ folder });
      expect([modeOf(folder), modeOf(join(folder, 'pg')), openToOthers()]).toEqual(['700', '700', []]);
      await database.query('CREATE TABLE more (x int)');
      await database.close();
      const again = await openEmbeddedDatabase({ folder });
      expect(openToOthers()).toEqual([]);
      await again.close();
    },
  );

  it('is never one that all users share', async () => {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o1777);
    expect(() => makePrivate(folder)).toThrow('Name one of its own in NEPTUNE_OPS_DATA_DIR');
    await expect(openEmbeddedDatabase({ folder })).rejects.toThrow('all users of this machine share');
    expect(modeOf(folder)).toBe('1777');
  });

  it.each([
    [0o700, undefined],
    [0o755, 'read'],
    [0o733, 'read and change'],
    [0o770, 'read and change'],
  ])('with mode %o lets others %s, which the doctor finds', async (mode, expected) => {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, mode);
    expect(rightsOfOthers(folder)).toBe(expected);
    const [finding] = await rights();
    if (expected === undefined) expect(finding).toMatchObject({ verdict: 'fine' });
    else
      expect(finding).toMatchObject({
        verdict: 'wrong',
        says: `other users of this machine may ${expected} ${folder}`,
        mend: `chmod 700 ${folder}`,
      });
    expect(modeOf(folder)).toBe(mode.toString(8));
  });
});
