import { execFileSync } from 'node:child_process';
import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { asFlags, flagsOf, givenFields } from '../../src/cli/flags.ts';
import { operations } from '../../src/handlers/index.ts';
import type { JsonObject, Operation } from '../../src/operation.ts';

type Schema = Pick<Operation, 'input'>;

function parse(schema: Schema, args: readonly string[]): JsonObject {
  const flags = flagsOf(schema);
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  for (const { option } of flags) command.addOption(option);
  return givenFields(flags, command.parse(args, { from: 'user' }).opts());
}

/** As a shell reads them. */
function words(line: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

const all: Schema = {
  input: z.strictObject({
    dbClusterIdentifier: z.string(),
    format: z.enum(['CSV', 'NTRIPLES']).optional(),
    port: z.number().optional(),
    failOnError: z.boolean().optional(),
    vpcSecurityGroupIds: z.array(z.string()).optional(),
    tags: z.record(z.string(), z.string()).optional(),
    importOptions: z.strictObject({ neptune: z.strictObject({ s3ExportPath: z.string() }) }).optional(),
  }) as unknown as Operation['input'],
};

describe('flags made from a schema', () => {
  it('say each field in the way of its type', () => {
    const args =
      '--db-cluster-identifier dev-1 --format CSV --port 8182 --fail-on-error no --tags a=1 --tags b=x=y ' +
      '--vpc-security-group-ids sg-1 --vpc-security-group-ids sg-2 --import-options {"neptune":{"s3ExportPath":"s3"}}';
    expect(parse(all, args.split(' '))).toEqual({
      dbClusterIdentifier: 'dev-1',
      format: 'CSV',
      port: 8182,
      failOnError: false,
      tags: { a: '1', b: 'x=y' },
      vpcSecurityGroupIds: ['sg-1', 'sg-2'],
      importOptions: { neptune: { s3ExportPath: 's3' } },
    });
    expect(parse(all, ['--fail-on-error'])).toEqual({ failOnError: true });
  });

  it.each([['--port many'], ['--format XML'], ['--tags team'], ['--fail-on-error maybe'], ['--import-options {']])(
    'refuse %s',
    (args) => expect(() => parse(all, args.split(' '))).toThrow(),
  );

  it('leave nothing of an input out, whatever is in it', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((value) => !/[\0\n]/.test(value));
    const key = text.filter((value) => !value.includes('=') && value !== '__proto__');
    const input = fc.record(
      {
        dbClusterIdentifier: text,
        port: fc.integer(),
        failOnError: fc.boolean(),
        vpcSecurityGroupIds: fc.array(text, { minLength: 1, maxLength: 3 }),
        tags: fc.dictionary(key, text, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
        importOptions: fc.record({ neptune: fc.record({ s3ExportPath: text }) }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(input, (given) => {
        expect(parse(all, words(asFlags(flagsOf(all), given as JsonObject).join(' ')))).toEqual(given);
      }),
      { numRuns: 60 },
    );
  });

  it.each(Object.values(operations).map((operation) => operation as unknown as Operation))(
    'can say the example of $name, and hide no option of the command',
    (operation) => {
      const flags = flagsOf(operation);
      expect(parse(operation, words(asFlags(flags, operation.example).join(' ')))).toEqual(operation.example);
      const taken = ['input', 'target', 'onBusy', 'deadline', 'idempotencyKey', 'wait', 'json', 'help'];
      expect(flags.map(({ option }) => option.attributeName()).filter((name) => taken.includes(name))).toEqual([]);
    },
  );
});
