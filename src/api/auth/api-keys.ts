// API keys: who a caller is and what it may do. The service stores only digests. A key itself is shown once, when it is
// created, and never written anywhere.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { operationNames } from '../../handlers/index.ts';
import { longestPattern } from '../../name-pattern.ts';
import { plainText, plainTextRule } from '../../plain-text.ts';

const mostPatterns = 1_000;

const scope = z
  .string()
  .refine(
    (name) =>
      ['read', 'cancel', 'events', 'hold', 'schedules', 'metrics', 'operation:*'].includes(name) ||
      operationNames.some((operation) => name === `operation:${operation}`),
    {
      error: `read, cancel, events, hold, schedules, metrics, operation:* (everything that erases nothing), or one of ${operationNames.map((name) => `operation:${name}`).join(', ')}`,
    },
  );

/** Every request is compared with all patterns of its key. */
const patterns = z
  .array(z.string().max(longestPattern, `a pattern has at most ${longestPattern} letters`))
  .min(1)
  .max(mostPatterns, `a key has at most ${mostPatterns} patterns; use * in place of long lists`)
  .default(['*']);

/** One key's entry in a key file or in NEPTUNE_OPS_API_KEYS. */
const keyEntry = z.strictObject({
  id: z.string().regex(/^[a-z0-9]{6,32}$/, '6 to 32 lower-case letters and digits'),
  name: z.string().min(1).max(100).regex(plainText, plainTextRule).describe('Who uses it, for the audit log.'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the secret, 64 hexadecimal digits'),
  scopes: z.array(scope).min(1),
  targets: patterns.describe('Names of targets; * stands for any letters.'),
  resources: patterns.describe('Resources without their target, like db-cluster/dev-*.'),
});

export type ApiKey = z.output<typeof keyEntry>;
const keyList = z.array(keyEntry).superRefine((keys, context) => {
  const twice = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) !== index);
  if (twice) context.addIssue({ code: 'custom', message: `two keys have the id ${twice.id}` });
});

/** Parses the list of keys from JSON. Throws an `Error` that names the mistakes and shows no digest. */
export function parseKeys(text: string): ApiKey[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('The keys are not JSON. Make an entry with: neptune-ops keys create');
  }
  const parsed = keyList.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues
      .map(({ path, message }) => `keys${path.map((part) => `[${String(part)}]`).join('')}: ${message}`)
      .join('; '),
  );
}

/** Creates a key with 256 random bits: the text for its user, and the entry for the service. */
export function createKey(grant: Omit<ApiKey, 'id' | 'sha256'>): { key: string; entry: ApiKey } {
  const id = randomBytes(6).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { key: `${id}.${secret}`, entry: { id, sha256: digest(secret).toString('hex'), ...grant } };
}

export interface KeyRing {
  /** The entry of a presented key, or `undefined`. Takes the same time for a wrong secret as for a right one. */
  find(presented: string): ApiKey | undefined;
  /** The entry with this id, for a session that was opened with the key. */
  byId(id: string): ApiKey | undefined;
}

/** Time between two checks of a key file; milliseconds. */
const lookEvery = 1_000;

/** Keys from a text that doesn't change. */
export function fixedKeys(keys: readonly ApiKey[]): KeyRing {
  return ringOf(() => keys);
}

/**
 * Keys from a file, which is read once a second at the most: keys are rotated without a restart. What it says counts, not its
 * time, which a revoked key need not change. A file that can't be read or is wrong leaves the last good keys in force, and
 * `onTrouble` says so once.
 */
export function keysFromFile(path: string, onTrouble: (reason: string) => void): KeyRing {
  let seen = readFileSync(path, 'utf8');
  let keys = parseKeys(seen);
  let lookedAt = performance.now();
  let trouble: string | undefined;
  return ringOf(() => {
    if (performance.now() - lookedAt < lookEvery) return keys;
    lookedAt = performance.now();
    try {
      const text = readFileSync(path, 'utf8');
      if (text !== seen) keys = parseKeys(text);
      [seen, trouble] = [text, undefined];
    } catch (error) {
      const { message } = error as Error;
      if (message !== trouble) onTrouble(message);
      trouble = message;
    }
    return keys;
  });
}

function ringOf(current: () => readonly ApiKey[]): KeyRing {
  return {
    find: (presented) => match(current(), presented),
    byId: (id) => current().find((key) => key.id === id),
  };
}

function match(keys: readonly ApiKey[], presented: string): ApiKey | undefined {
  const [id = '', secret = '', more] = presented.split('.');
  const known = keys.find((key) => key.id === id);
  // Compares even when the id is unknown, so that timing doesn't reveal ids.
  const same = timingSafeEqual(digest(secret), Buffer.from(known?.sha256 ?? '0'.repeat(64), 'hex'));
  return same && more === undefined ? known : undefined;
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
