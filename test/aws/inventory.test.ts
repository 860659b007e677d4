// All that can sleep in one target, at a few calls however many there are; half a look is none.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Aws, createAws } from '../../src/aws/clients.ts';
import { lookAtDbClusters, lookAtGraphs, readTags } from '../../src/aws/inventory.ts';
import { createTurnableClock } from '../../emulator/clock.ts';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';

let emulator: Emulator;
let aws: Aws;
const clock = createTurnableClock(Date.parse('2026-11-20T10:00:00Z'));
beforeAll(async () => {
  emulator = await startEmulator({ clock });
  Object.assign(process.env, emulator.env);
  aws = createAws({ name: 'default', region: 'eu-west-1' }, { dataPlaneScheme: 'http' });
});
afterAll(async () => {
  aws.close();
  await emulator.close();
});
beforeEach(() => {
  emulator.account.clusters.clear();
  emulator.account.graphs.clear();
  emulator.switches.clear();
  emulator.journal.clear();
});
const cluster = (identifier: string, more = {}) =>
  emulator.account.addCluster({ identifier, dataPlane: false, ...more });
const only = async () => (await lookAtDbClusters(aws))[0];

describe('many resources', () => {
  beforeEach(async () => {
    for (let n = 0; n < 250; n += 1) await cluster(`dev-${n}`);
    for (let n = 0; n < 120; n += 1) {
      const id = `g-${String(n).padStart(10, '0')}`;
      emulator.account.addGraph({ id, name: `graph-${n}` });
    }
  });
  const actions = () => emulator.journal.requests().map(({ action }) => action);

  it('are seen a hundred a call, and by no other calls', async () => {
    expect(new Set((await lookAtDbClusters(aws)).map(({ id }) => id)).size).toBe(250);
    expect(actions()).toEqual([...Array(3).fill('DescribeDBClusters'), ...Array(3).fill('DescribeDBInstances')]);
    emulator.journal.clear();
    expect(new Set((await lookAtGraphs(aws)).map(({ id }) => id)).size).toBe(120);
    expect(actions()).toEqual(['ListGraphs', 'ListGraphs']);
  });

  it.each(['DescribeDBClusters', 'DescribeDBInstances', 'ListGraphs'])(
    'are not half seen when a page of %s fails',
    async (action) => {
      const look = action === 'ListGraphs' ? lookAtGraphs : lookAtDbClusters;
      // The first page is answered, the second isn't.
      const { journal, switches } = emulator;
      const arrived = journal.arrived.bind(journal);
      journal.arrived = (api, id) => {
        if (journal.requests({ action }).length === 1)
          switches.fault({ code: 'AccessDenied', status: 403 }, { action });
        return arrived(api, id);
      };
      try {
        await expect(look(aws)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
      } finally {
        journal.arrived = arrived;
      }
      expect(journal.requests({ action }).length).toBe(2);
    },
  );
});

it('names the instance that isn’t available, and AWS’s word for it', async () => {
  await cluster('dev-1', { instances: 2 });
  emulator.account.outsider.setInstanceStatus('dev-1-2', 'incompatible-parameters');
  expect(await only()).toMatchObject({
    condition: 'running',
    settled: false,
    unsettled: 'dev-1-2 is incompatible-parameters',
  });
});

it('tells a cluster whose KMS key is away from one that is lost', async () => {
  await cluster('dev-1');
  emulator.account.outsider.takeKey('dev-1');
  expect(await only()).toMatchObject({ condition: 'recoverable' });
});

it('tells a cluster’s instances by class, where its engines answer, and when AWS starts it', async () => {
  await cluster('Dev-1', { instances: 3, instanceClass: 'db.t4g.medium' });
  await cluster('dev-2', { status: 'stopped', instances: 0 });
  const [one, two] = await lookAtDbClusters(aws);
  expect(one).toMatchObject({
    kind: 'db-cluster',
    id: 'dev-1',
    name: 'dev-1',
    resourceUid: emulator.account.clusters.get('dev-1')?.resourceId,
    status: 'available',
    condition: 'running',
    settled: true,
    shape: { instances: { 'db.t4g.medium': 3 } },
  });
  expect(one?.arn).toMatch(/^arn:aws:rds:eu-west-1:\d+:cluster:dev-1$/);
  expect(one?.engines).toHaveLength(3);
  expect(one).not.toHaveProperty('restartsAt');
  expect(two).toMatchObject({ condition: 'stopped', shape: { instances: {} }, engines: [] });
  expect(two?.restartsAt).toBe(clock.now() + 7 * 86_400_000);
});

it('shows no cluster of another engine', async () => {
  await cluster('pg', { engine: 'aurora-postgresql' });
  await cluster('docs', { engine: 'docdb' });
  await cluster('dev-1');
  expect((await lookAtDbClusters(aws)).map(({ id }) => id)).toEqual(['dev-1']);
});

it.each([
  ['available', 'running'],
  ['starting', 'starting'],
  ['stopping', 'stopping'],
  ['stopped', 'stopped'],
  ['creating', 'changing'],
  ['backing-up', 'changing'],
  ['failing-over', 'changing'],
  ['a-word-of-tomorrow', 'changing'],
  ['deleting', 'lost'],
  ['inaccessible-encryption-credentials', 'lost'],
])('takes a cluster that is %s for %s', async (status, condition) => {
  await cluster('dev-1', { status });
  expect(await only()).toMatchObject({ status, condition });
});

it('knows a cluster as unsettled while a member is in another state, unless it is stopped', async () => {
  await cluster('dev-1', { instances: 2 });
  emulator.account.outsider.setInstanceStatus('dev-1-2', 'rebooting');
  expect(await only()).toMatchObject({ condition: 'running', settled: false });
  emulator.account.clusters.clear();
  await cluster('dev-1', { status: 'stopped', instances: 2 });
  expect(await only()).toMatchObject({ settled: true });
});

it.each([
  ['AVAILABLE', 'running'],
  ['STARTING', 'starting'],
  ['STOPPING', 'stopping'],
  ['STOPPED', 'stopped'],
  ['CREATING', 'changing'],
  ['IMPORTING', 'changing'],
  ['SNAPSHOTTING', 'changing'],
  ['RESETTING', 'changing'],
  ['DELETING', 'lost'],
  ['FAILED', 'lost'],
])('takes a graph that is %s for %s', async (status, condition) => {
  emulator.account.addGraph({ id: 'g-0123456789', name: 'catalogue', status, provisionedMemory: 64 });
  const id = 'g-0123456789';
  expect(await lookAtGraphs(aws)).toMatchObject([
    { kind: 'graph', id, resourceUid: id, name: 'catalogue', status, condition, settled: true, shape: { memory: 128 } },
  ]);
});

it('reads the tags of both kinds, and rejects where it may not', async () => {
  await cluster('dev-1', { tags: { team: 'search', empty: '' } });
  emulator.account.addGraph({ id: 'g-0123456789', name: 'catalogue', tags: { team: 'web' } });
  const [one] = await lookAtDbClusters(aws);
  const [graph] = await lookAtGraphs(aws);
  expect(await readTags(aws, one!)).toEqual({ team: 'search', empty: '' });
  expect(await readTags(aws, graph!)).toEqual({ team: 'web' });
  emulator.switches.fault({ code: 'AccessDeniedException', status: 403 }, { action: 'ListTagsForResource' });
  await expect(readTags(aws, graph!)).rejects.toMatchObject({ name: 'AccessDeniedException' });
});
