// What every registered operation must be like, whatever it does: an operation's data is its route, command and document.
import { GraphStatus, ImportTaskStatus, SnapshotStatus } from '@aws-sdk/client-neptune-graph';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { operationNames, operationOf, operations } from '../../src/handlers/index.ts';
import { type Operation, type StateTable, actionsOf, apis } from '../../src/operation.ts';

const folder = new URL('../../src/handlers/', import.meta.url);
const files = readdirSync(folder).filter((file) => file !== 'index.ts');
const verdicts = ['ready', 'obstacle', 'pending', 'succeeded', 'failed', 'cancelled'];
const all = Object.entries(operations).map(([name, operation]) => [name, operation as unknown as Operation] as const);

function camelCase(name: string): string {
  return name.replace(/-./g, (part) => part.charAt(1).toUpperCase());
}

describe('the registry', () => {
  it('has one operation for each file, and no other', () => {
    expect(operationNames.toSorted()).toEqual(files.map((file) => file.replace(/\.ts$/, '')).toSorted());
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'Stop-db-cluster', 'stop-db-cluster '])(
    'knows no operation “%s”',
    (name) => expect(operationOf(name)).toBeUndefined(),
  );
});

describe.each(all)('%s', (name, operation) => {
  it('is called the same in its file, its export, its name and the registry', async () => {
    expect(operation.name).toBe(name);
    const module = (await import(new URL(`${name}.ts`, folder).href)) as Record<string, unknown>;
    expect(module[camelCase(name)]).toBe(operation);
  });

  it('has a kebab-case name and one line of summary', () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(operation.summary).toMatch(/^[A-Z][^\n]{10,110}\.$/);
    expect(apis).toContain(operation.api);
  });

  it('accepts its own example, and makes the same of it twice', () => {
    const once = operation.input.parse(operation.example);
    expect(operation.input.parse(once)).toEqual(once);
    expect(once).toEqual(operation.example);
  });

  it('refuses a field that it does not know', () => {
    const { error } = operation.input.safeParse({ ...operation.example, dbClusterIdentifer: 'x' });
    expect(error?.issues).toEqual([
      expect.objectContaining({ code: 'unrecognized_keys', keys: ['dbClusterIdentifer'] }),
    ]);
  });

  it.each([undefined, null, 'text', 7, [], [{}], {}])('refuses %j in place of an input', (given) => {
    expect(operation.input.safeParse(given).success).toBe(false);
  });

  it('has an input that survives JSON', () => {
    const input = operation.input.parse(operation.example);
    expect(JSON.parse(JSON.stringify(input))).toEqual(input);
  });

  it('describes every field of its input, for the documents', () => {
    const schema = z.toJSONSchema(operation.input, { io: 'input' });
    for (const [field, { description }] of Object.entries(schema.properties ?? {}) as [
      string,
      z.core.JSONSchema.JSONSchema,
    ][])
      expect(description, field).toMatch(/\.$/);
    expect(schema.additionalProperties).toBe(false);
  });

  it('names its resource by kind and identifier, without a target', () => {
    const resource = operation.resource(operation.input.parse(operation.example) as never);
    expect(resource).toMatch(/^(db-cluster|graph|import-task)\/[a-z0-9-]+$/);
  });

  it('takes a repeated identifier as confirmation when it erases, and only what the operator lists', () => {
    if (operation.destructive !== 'erases') return expect(Object.keys(operation.example)).not.toContain('confirm');
    const input = operation.input.parse(operation.example);
    const identifier = String(input.confirm);
    const allow = (...entries: string[]) => ({
      target: 'default',
      resettable: new Set(entries),
      resettableGraphs: new Set(entries),
    });
    const { confirm: _confirm, ...unconfirmed } = operation.example;
    expect(operation.input.safeParse(unconfirmed).success).toBe(false);
    expect(operation.admit?.(input, allow(`default/${identifier}`))).toBeUndefined();
    expect(operation.admit?.({ ...input, confirm: `${identifier}0` }, allow(`default/${identifier}`))?.code).toBe(
      'wrong-confirmation',
    );
    const refused = [
      operation.admit?.(input, { ...allow(`default/${identifier}`), target: 'prod' }),
      operation.admit?.(input, allow(`default/${identifier}0`)),
      operation.admit?.(input, allow('default/*', '*', identifier)),
    ].map((refusal) => refusal?.code);
    expect(new Set(refused).size).toBe(1);
    expect(refused[0]).toMatch(/-not-resettable$/);
    // Its lost answer is never asked for again.
    expect(operation.kind === 'launch' && operation.unfound).toMatchObject({ code: 'reset-not-confirmed' });
  });

  it('says of every status what it means, and of a failure what to do', () => {
    for (const [status, meaning] of Object.entries(operation.states)) {
      if (typeof meaning === 'string') expect(verdicts, status).toContain(meaning);
      else
        expect(meaning, status).toEqual({
          code: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/),
          reason: expect.stringMatching(/\.$/),
        });
    }
    const meanings = Object.values(operation.states);
    if (operation.kind !== 'launch') expect(meanings, 'it can end').toContain('succeeded');
    if (operation.takesTurn) expect(meanings, 'it can begin').toContain('ready');
  });

  it('names the IAM actions that it takes, without wildcards', () => {
    expect(actionsOf(operation)).not.toEqual([]);
    for (const action of actionsOf(operation))
      expect(action).toMatch(/^(rds|neptune-graph|neptune-db):[A-Z][A-Za-z]+$/);
  });

  it('has times that can work', () => {
    const { firstPoll, poll, deadline, settle } = operation.timing;
    expect(firstPoll).toBeGreaterThan(0);
    expect(poll[0]).toBeLessThanOrEqual(poll[1]);
    expect(deadline).toBeGreaterThan(settle + firstPoll + poll[1]);
    // As long as an answer may be out, and what changes more than once does harm waits until a signature is stale.
    if (operation.takesTurn)
      expect(settle).toBeGreaterThanOrEqual(operation.destructive === 'erases' ? 300_000 : 20_000);
  });
});

describe('the states of the SDK', () => {
  const statesOf = (name: string): StateTable => operationOf(name)?.states ?? {};

  it.each(['watch-import-task', 'cancel-import-task'])('are all in the table of %s', (name) => {
    expect(Object.keys(operationOf(name)?.states ?? {})).toEqual(
      expect.arrayContaining(Object.values(ImportTaskStatus)),
    );
  });

  it('are all in the tables of create-graph-snapshot', () => {
    const states = Object.keys(operationOf('create-graph-snapshot')?.states ?? {});
    expect(states).toEqual(expect.arrayContaining(Object.values(GraphStatus)));
    expect(states).toEqual(expect.arrayContaining(Object.values(SnapshotStatus).map((status) => `snapshot ${status}`)));
  });

  it('are all in the tables of stop-graph and start-graph, and no others', () => {
    for (const name of ['stop-graph', 'start-graph']) {
      expect(Object.keys(operationOf(name)?.states ?? {}).toSorted()).toEqual(Object.values(GraphStatus).toSorted());
    }
  });

  it('mean the opposite for a stop and a start of a graph only where they must', () => {
    const [stop, start] = ['stop-graph', 'start-graph'].map((name) => operationOf(name)?.states ?? {});
    const moving = ['AVAILABLE', 'STOPPED', 'STOPPING', 'STARTING'];
    expect(moving.map((status) => stop?.[status])).toEqual(['ready', 'succeeded', 'pending', 'obstacle']);
    expect(moving.map((status) => start?.[status])).toEqual(['succeeded', 'ready', 'obstacle', 'pending']);
  });

  it('of a snapshot of a cluster are told from those of the cluster', () => {
    const states = operationOf('create-db-cluster-snapshot')?.states ?? {};
    expect(Object.keys(states)).toEqual(
      expect.arrayContaining(Object.keys(operationOf('stop-db-cluster')?.states ?? {})),
    );
    expect([states.available, states['snapshot available'], states['snapshot creating']]).toEqual([
      'ready',
      'succeeded',
      'pending',
    ]);
  });

  it('mean the opposite for a stop and a start only where they must', () => {
    const [stop, start] = ['stop-db-cluster', 'start-db-cluster'].map((name) => operationOf(name)?.states ?? {});
    expect(Object.keys(stop ?? {}).toSorted()).toEqual(Object.keys(start ?? {}).toSorted());
    expect([stop?.available, stop?.stopped, stop?.stopping, stop?.starting]).toEqual([
      'ready',
      'succeeded',
      'pending',
      'obstacle',
    ]);
    expect([start?.available, start?.stopped, start?.stopping, start?.starting]).toEqual([
      'succeeded',
      'ready',
      'obstacle',
      'pending',
    ]);
  });

  it('that end an import otherwise are no success of a cancel', () => {
    const states = statesOf('cancel-import-task');
    for (const status of ['SUCCEEDED', 'FAILED', 'DELETED']) {
      expect(states[status]).toMatchObject({ code: 'too-late' });
    }
    expect(states.CANCELLED).toBe('succeeded');
    expect(states.CANCELLING).toBe('pending');
  });

  it('count as the end of an import only when it has ended', () => {
    const states = statesOf('watch-import-task');
    const endings = Object.keys(states).filter((status) => states[status] !== 'pending');
    expect(endings.toSorted()).toEqual(['CANCELLED', 'DELETED', 'FAILED', 'SUCCEEDED']);
  });
});
