// Each field's rule, from AWS's model and documents: what is accepted, what isn't, and that nothing accepted can turn one
// request into another.
import { DeleteGraphCommand, NeptuneGraphClient } from '@aws-sdk/client-neptune-graph';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { operationNames, operationOf } from '../../src/handlers/index.ts';
import type { JsonObject } from '../../src/operation.ts';
import { type Bench, startBench } from './visits.ts';

const ten = '0a1b2c3d4e';
const long = (length: number) => 'a'.repeat(length);
const tagged = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`key${'abcdefghij'.charAt(i % 10)}${'.'.repeat(i)}`, '']),
  );

interface Rule {
  readonly operation: string;
  readonly field: string;
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
}

const clusterRule = {
  field: 'dbClusterIdentifier',
  good: ['a', 'dev-1', 'Dev-1', 'DB', long(63), 'a1-b2-c3'],
  bad: [
    '',
    '1dev',
    '-dev',
    'dev-',
    'dev--1',
    long(64),
    'dev_1',
    'dev 1',
    'dev/1',
    'dév',
    'dev\n',
    'dev-1\n',
    ' dev',
    null,
    1,
    ['dev'],
    {},
  ],
};
const graphRule = {
  field: 'graphIdentifier',
  good: [`g-${ten}`],
  bad: ['', `g-${ten}0`, 'g-0a1b2c3d4', `G-${ten}`, `gs-${ten}`, 'my-graph', `g-${ten}\n`, 'g-../../xyz0'],
};
const taskRule = {
  field: 'taskIdentifier',
  good: [`t-${ten}`],
  bad: [
    '',
    `t-${ten}0`,
    't-0a1b2c3d4',
    `T-${ten}`,
    `t-${ten.toUpperCase()}`,
    `g-${ten}`,
    `t-${ten}\n`,
    `t-..%2f${ten}`,
    't-../../xyz0',
    null,
  ],
};

const rules: readonly Rule[] = [
  { operation: 'stop-db-cluster', ...clusterRule },
  { operation: 'start-db-cluster', ...clusterRule },
  { operation: 'fast-reset', ...clusterRule },
  { operation: 'create-db-cluster-snapshot', ...clusterRule },
  { operation: 'create-db-cluster-snapshot', ...clusterRule, field: 'dbClusterSnapshotIdentifier' },
  {
    operation: 'create-db-cluster-snapshot',
    field: 'tags',
    good: [
      {},
      { team: 'search' },
      { 'Kosten Stelle': 'Müller und Söhne' },
      { 'a+b-c=d.e_f:g/h': '' },
      { [long(128)]: long(256) },
      tagged(50),
      undefined,
    ],
    bad: [
      { 'aws:team': 'x' },
      { 'rds:team': 'x' },
      { team: 'aws:x' },
      { team: 'rds:x' },
      { [long(129)]: 'x' },
      { a: long(257) },
      { '': 'x' },
      { 'a*b': 'x' },
      { a: 'x\n' },
      { a: 1 },
      { a: null },
      tagged(51),
      'team',
      ['team'],
    ],
  },
  { operation: 'stop-graph', ...graphRule },
  { operation: 'start-graph', ...graphRule },
  { operation: 'fast-reset', field: 'confirm', good: ['test-1', 'TEST-1'], bad: [null, true, 1, undefined] },
  { operation: 'reset-graph', ...graphRule },
  { operation: 'reset-graph', field: 'confirm', good: ['g-0123456789', ''], bad: [null, true, 1, undefined] },
  {
    operation: 'reset-graph',
    field: 'skipSnapshot',
    good: [true, false],
    bad: [undefined, null, 'true', '', 0, 1, [true], {}],
  },
  { operation: 'watch-import-task', ...taskRule },
  { operation: 'cancel-import-task', ...taskRule },
  { operation: 'create-graph-snapshot', ...graphRule },
  {
    operation: 'create-graph-snapshot',
    field: 'snapshotName',
    good: ['a', 'nightly', 'nightly-1', 'a-b-c', long(63), 'g-1', 'gs', 'gsx-1'],
    bad: [
      '',
      'gs-nightly',
      'Nightly',
      '1nightly',
      '-nightly',
      'nightly-',
      'nightly--1',
      long(64),
      'nightly_1',
      'night ly',
      'nightly\n',
      null,
    ],
  },
  {
    operation: 'create-graph-snapshot',
    field: 'tags',
    good: [
      {},
      { team: 'search' },
      { 'a+b-c=d.e_f:g/h': '' },
      { [long(128)]: long(256) },
      { cost9: 'x' },
      tagged(50),
      undefined,
    ],
    bad: [
      { 'aws:team': 'x' },
      { [long(129)]: 'x' },
      { a: long(257) },
      { '': 'x' },
      { 'a b': 'x' },
      { a: 1 },
      { a: null },
      tagged(51),
      'team',
      ['team'],
    ],
  },
];

describe('the rules', () => {
  it.each(operationNames)('say of every field of %s what it may be', (name) => {
    const fields = Object.keys(z.toJSONSchema(operationOf(name)?.input as z.ZodType, { io: 'input' }).properties ?? {});
    const ruled = rules.flatMap(({ operation, field }) => (operation === name ? [field] : []));
    const missing = fields.filter((field) => !ruled.includes(field));
    expect(missing, `${name} needs a row in \`rules\` of test/handlers/input.test.ts for each of these fields`).toEqual(
      [],
    );
  });

  it('are of operations that there are', () => {
    expect(rules.filter(({ operation }) => operationOf(operation) === undefined)).toEqual([]);
  });
});

describe.each(rules)('$field of $operation', ({ operation: name, field, good, bad }) => {
  const operation = operationOf(name);
  const withField = (value: unknown) => ({ ...operation?.example, [field]: value });

  it.each(good.map((value) => [value]))('may be %j', (value) => {
    expect(operation?.input.safeParse(withField(value)).error).toBeUndefined();
  });

  it.each(bad.map((value) => [value]))('may not be %j', (value) => {
    const { error } = operation?.input.safeParse(withField(value)) ?? {};
    const paths = error?.issues.map(({ path }) => path[0]);
    expect(new Set(paths)).toEqual(new Set([field]));
    for (const { message } of error?.issues ?? []) expect(message.length).toBeGreaterThan(5);
  });

  it('is published with all of its rule', () => {
    const published = new Ajv2020().compile(z.toJSONSchema(operation?.input as z.ZodType, { io: 'input' }));
    const fits = (value: unknown) => published(JSON.parse(JSON.stringify(withField(value))));
    expect(good.filter((value) => !fits(value))).toEqual([]);
    expect(bad.filter((value) => fits(value))).toEqual([]);
  });
});

describe('an identifier', () => {
  it('of a cluster is stored in lower case, so that two spellings are one resource', () => {
    const operation = operationOf('stop-db-cluster');
    const input = operation?.input.parse({ dbClusterIdentifier: 'Dev-1' });
    expect(input).toEqual({ dbClusterIdentifier: 'dev-1' });
    expect(operation?.resource(input as never)).toBe('db-cluster/dev-1');
  });

  it('of a cluster snapshot is stored in lower case, as AWS does', () => {
    const given = { dbClusterIdentifier: 'Dev-1', dbClusterSnapshotIdentifier: 'Nightly-1' };
    expect(operationOf('create-db-cluster-snapshot')?.input.parse(given)).toEqual({
      dbClusterIdentifier: 'dev-1',
      dbClusterSnapshotIdentifier: 'nightly-1',
    });
  });

  it('in the confirmation may be spelt in capitals, as in the field itself', () => {
    const operation = operationOf('fast-reset');
    const input = operation?.input.parse({ dbClusterIdentifier: 'Test-1', confirm: 'TEST-1' }) as JsonObject;
    expect(
      operation?.admit?.(input, {
        target: 'default',
        resettable: new Set(['default/test-1']),
        resettableGraphs: new Set(),
      }),
    ).toBeUndefined();
  });
});

describe('whatever the schema accepts', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench?.close());

  /** Close to what is right, so that the rules' edges are met often. */
  const nearly = (prefix: string) =>
    fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[a-z0-9/%.\\?#-]{0,12}$/).map((text) => prefix + text),
      fc.stringMatching(/^[a-z0-9]{10}$/).map((text) => prefix + text),
      fc.constantFrom('', '.', '..', '/', '%2f', `${prefix}0123456789/..`, `${prefix}0123456789\n`),
    );

  const labels: readonly (readonly [operation: string, field: string, prefix: string, path: string])[] = [
    ['watch-import-task', 'taskIdentifier', 't-', '/importtasks/'],
    ['cancel-import-task', 'taskIdentifier', 't-', '/importtasks/'],
    ['create-graph-snapshot', 'graphIdentifier', 'g-', '/graphs/'],
    ['stop-graph', 'graphIdentifier', 'g-', '/graphs/'],
    ['start-graph', 'graphIdentifier', 'g-', '/graphs/'],
    ['reset-graph', 'graphIdentifier', 'g-', '/graphs/'],
  ];

  it('is tried with every operation of the API whose paths hold what was given', () => {
    const tried = labels.map(([name]) => name);
    const missing = operationNames.filter(
      (name) => operationOf(name)?.api === 'neptune-graph' && !tried.includes(name),
    );
    expect(missing, 'these operations need a row in `labels` of test/handlers/input.test.ts').toEqual([]);
  });

  it.each(labels)('never makes %s send an empty path label, or one with a slash', async (name, field, prefix, path) => {
    const operation = operationOf(name);
    const sent: string[] = [];
    bench.aws.graph.middlewareStack.add(
      () => async (args) => {
        sent.push((args.request as { path: string }).path);
        throw new Error('not sent');
      },
      { step: 'finalizeRequest', name: 'catchPath', override: true },
    );
    const job = { id: 'job', createdAt: 0 };
    const intent = { number: 1, at: 0 };
    await fc.assert(
      fc.asyncProperty(nearly(prefix), async (value) => {
        const parsed = operation?.input.safeParse({ ...operation.example, [field]: value });
        if (!parsed?.success) return;
        const visit = { job, target: 'default', input: parsed.data, aws: bench.aws, now: 0 };
        await operation?.prepare(visit).catch(() => undefined);
        if (operation !== undefined && operation.kind !== 'watch')
          await operation.submit(visit, intent, async () => undefined, '').catch(() => undefined);
      }),
      { numRuns: 300 },
    );
    bench.aws.graph.middlewareStack.remove('catchPath');
    expect(sent.length).toBeGreaterThan(20);
    for (const one of sent)
      expect(one).toMatch(new RegExp(`^(/snapshots|${path}${prefix}[a-z0-9]{10}(/stop|/start)?)$`));
  });

  it('is worth checking, for the SDK itself sends what it is given', async () => {
    const client = new NeptuneGraphClient({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const paths: string[] = [];
    client.middlewareStack.add(
      () => async (args) => {
        paths.push((args.request as { path: string }).path);
        throw new Error('not sent');
      },
      { step: 'finalizeRequest', name: 'catchPath' },
    );
    await client.send(new DeleteGraphCommand({ graphIdentifier: '', skipSnapshot: true })).catch(() => undefined);
    expect(paths).toEqual(['/graphs/']);
    client.destroy();
  });
});
