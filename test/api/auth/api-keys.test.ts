import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createKey, fits, fixedKeys, keysFromFile, parseKeys } from '../../../src/api/auth/api-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const grant = { name: 'pipeline', scopes: ['read'], targets: ['*'], resources: ['*'] };

describe('an API key', () => {
  it('is an id and 256 bits, of which only a digest is kept', () => {
    const { key, entry } = createKey(grant);
    const [id, secret = ''] = key.split('.');
    expect(id).toBe(entry.id);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(JSON.stringify(entry)).not.toContain(secret);
    expect(entry.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is known by itself only: not by its id, its digest, another secret or anything appended', () => {
    const { key, entry } = createKey(grant);
    const ring = fixedKeys([entry]);
    expect(ring.find(key)).toEqual(entry);
    for (const wrong of [
      entry.id,
      `${entry.id}.`,
      `${entry.id}.${entry.sha256}`,
      `${key}x`,
      `${key}.x`,
      ` ${key}`,
      '',
      '.',
    ]) {
      expect(ring.find(wrong), wrong).toBeUndefined();
    }
  });

  it('list says where it is wrong, and shows no digest', () => {
    const { entry } = createKey(grant);
    const wrong = () => parseKeys(JSON.stringify([entry, { ...entry, scopes: ['everything'], secret: 'x' }]));
    expect(wrong).toThrow(/keys\[1\]\[scopes\]\[0\]/);
    expect(wrong).not.toThrow(entry.sha256);
    expect(() => parseKeys(JSON.stringify([entry, entry]))).toThrow('two keys have the id');
    expect(() => parseKeys('not json')).toThrow('not JSON');
  });
});

describe('a file of keys', () => {
  it('is read anew when it changes, and a broken one leaves the last good keys in force', () => {
    const file = join(folder, 'keys.json');
    const [first, second] = [createKey(grant), createKey(grant)];
    let writes = 0;
    const write = (text: string) => {
      writeFileSync(file, text);
      writes += 1;
      utimesSync(file, new Date(), new Date(1_700_000_000_000 + writes * 1_000));
    };
    write(JSON.stringify([first.entry]));
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    const troubles: string[] = [];
    const ring = keysFromFile(file, (reason) => troubles.push(reason));
    const later = () => (now += 2_000);

    write(JSON.stringify([second.entry]));
    later();
    expect(ring.find(second.key)?.id).toBe(second.entry.id);
    expect(ring.find(first.key)).toBeUndefined();

    write('[{');
    later();
    expect(ring.find(second.key)?.id).toBe(second.entry.id);
    expect(troubles).toHaveLength(1);
    clock.mockRestore();
  });
});

describe('a pattern', () => {
  it.each([
    [['*'], 'anything', true],
    [['db-cluster/dev-*'], 'db-cluster/dev-1', true],
    [['db-cluster/dev-*'], 'db-cluster/prod-1', false],
    [['db-cluster/dev-*'], 'xdb-cluster/dev-1', false],
    [['dev.1'], 'devx1', false],
    [[], 'anything', false],
  ])('%j fits %s: %s', (patterns, text, expected) => {
    expect(fits(patterns, text)).toBe(expected);
  });
});
