// The published JSON Schema: current, valid, and of one mind with the service about the example.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { schedulesSchema } from '../../../src/schedules/file/schedule-schema.ts';

const example = () => parse(readFileSync('docs/schedules.example.yaml', 'utf8')) as Record<string, unknown>;

describe('docs/schedules.schema.json', () => {
  const file = 'docs/schedules.schema.json';
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allowUnionTypes: true });

  it('is as the code makes it now: npm run docs', async () => {
    const options = { ...(await resolveConfig(file)), filepath: file };
    expect(readFileSync(file, 'utf8')).toBe(await format(JSON.stringify(schedulesSchema()), options));
  });

  it('is valid, and takes the example file', () => {
    expect(ajv.validateSchema(schedulesSchema())).toBe(true);
    const validate = ajv.compile(schedulesSchema());
    expect([validate(example()), validate.errors]).toEqual([true, null]);
    expect(validate({ ...example(), verzion: 1 })).toBe(false);
    expect(validate({ version: 1, schedules: { a: { running: 'sometimes', applies: [{}] } } })).toBe(false);
  });

  it('describes every key with an example', () => {
    const bare: string[] = [];
    const look = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { properties = {}, ...rest } = schema as { properties?: Record<string, Record<string, unknown>> };
      for (const [key, value] of Object.entries(properties)) {
        if (!value.description || !Array.isArray(value.examples)) bare.push(`${path}.${key}`);
        look(value, `${path}.${key}`);
      }
      for (const [key, value] of Object.entries(rest)) if (key !== 'examples') look(value, path);
    };
    look(schedulesSchema(), '');
    expect(bare).toEqual([]);
  });
});
