// What a visit takes from a record, and what it doesn't.
import { describe, expect, it } from 'vitest';
import { operations } from '../../src/handlers/index.ts';
import type { Operation } from '../../src/operation.ts';
import { validateInput, validateJob } from '../../src/workers/validate-input.ts';

const all = Object.values(operations).map((operation) => operation as unknown as Operation);
const reset = operations['fast-reset'] as unknown as Operation;

describe('a record', () => {
  it.each(all.map((operation) => [operation.name, operation] as const))(
    'of %s is taken as it was written',
    (_, operation) => {
      const input = operation.input.parse(operation.example);
      const { takesTurn } = operation;
      const job = { input, target: 'prod', resource: `prod/${operation.resource(input)}`, takesTurn };
      expect(validateJob(operation, job)).toEqual({ ok: true, input });
      for (const forged of [
        { target: 'default' },
        { resource: `default/${operation.resource(input)}` },
        { resource: 'prod/db-cluster/other' },
        { takesTurn: !takesTurn },
        { input: { ...input, more: 'x' } },
        { input: {} },
      ]) {
        expect(validateJob(operation, { ...job, ...forged } as typeof job), JSON.stringify(forged)).toMatchObject({
          ok: false,
          refusal: { code: 'record-invalid' },
        });
      }
    },
  );

  it.each([undefined, null, 'text', [], 1, { dbClusterIdentifier: { $ne: '' }, confirm: 'x' }])(
    'whose input is %j is none',
    (input) => {
      expect(validateInput(reset, input)).toMatchObject({ ok: false });
    },
  );

  it('is used as the schema reads it, and told of by its fields, never by their values', () => {
    const input = { dbClusterIdentifier: 'TEST-1', confirm: 'TEST-1' };
    expect(validateInput(reset, input)).toEqual({
      ok: true,
      input: { dbClusterIdentifier: 'test-1', confirm: 'test-1' },
    });
    const refused = validateInput(reset, { dbClusterIdentifier: 'no one’s', confirm: 'x' });
    expect(refused).toMatchObject({ refusal: { reason: expect.stringContaining('fast-reset: dbClusterIdentifier.') } });
    expect(JSON.stringify(refused)).not.toContain('no one');
  });
});
