import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKey, fixedKeys, keysFromFile, parseKeys } from '../../../src/api/auth/api-keys.ts';

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
    const named = (name: string) => () => parseKeys(JSON.stringify([{ ...entry, name }]));
    expect(named('gnp.\u202eadmin')).toThrow('keys[0][name]: text of one line');
    const reach = (resources: string[]) => () => parseKeys(JSON.stringify([{ ...entry, resources }]));
    expect(reach(['x'.repeat(201)])).toThrow('keys[0][resources][0]: a pattern has at most 200 letters');
    expect(reach(Array.from({ length: 1_001 }, (_, index) => `r${index}`))).toThrow('at most 1000 patterns');
    expect(() => parseKeys('not json')).toThrow('not JSON');
  });
});

describe('a file of keys', () => {
  let now = 0;
  beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => now));
  afterEach(() => vi.restoreAllMocks());
  const later = () => (now += 2_000);
  const file = join(folder, 'keys.json');
  const write = (text: string) => writeFileSync(file, text);

  it('is read anew when it changes, and a broken one leaves the last good keys in force, which is said once', () => {
    const [first, second] = [createKey(grant), createKey(grant)];
    write(JSON.stringify([first.entry]));
    const troubles: string[] = [];
    const ring = keysFromFile(file, (reason) => troubles.push(reason));

    write(JSON.stringify([second.entry]));
    later();
    expect(ring.find(second.key)?.id).toBe(second.entry.id);
    expect(ring.find(first.key)).toBeUndefined();

    write('[{');
    for (let look = 0; look < 3; look += 1) {
      later();
      expect(ring.find(second.key)?.id).toBe(second.entry.id);
    }
    expect(troubles).toHaveLength(1);
    rmSync(file);
    later();
    expect(ring.find(second.key)?.id).toBe(second.entry.id);
    expect(troubles).toHaveLength(2);
    write(JSON.stringify([first.entry]));
    later();
    expect(ring.find(second.key)).toBeUndefined();
  });

  it('in which a key was revoked in place, with size and time as they were, lets that key in no more', () => {
    const then = new Date(1_700_000_000_000);
    const [kept, revoked] = [createKey(grant), createKey(grant)];
    const text = JSON.stringify([kept.entry, revoked.entry]);
    write(text);
    utimesSync(file, then, then);
    const ring = keysFromFile(file, () => undefined);
    expect(ring.find(revoked.key)?.id).toBe(revoked.entry.id);
    write(text.replace(revoked.entry.sha256, '0'.repeat(64)));
    utimesSync(file, then, then);
    later();
    expect(ring.find(revoked.key)).toBeUndefined();
    expect(ring.find(kept.key)?.id).toBe(kept.entry.id);
  });
});
