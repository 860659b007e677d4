import {
  CreateDBClusterSnapshotCommand,
  type DBCluster,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  InvalidDBInstanceStateFault,
  ListTagsForResourceCommand,
  paginateDescribeDBClusters,
  StartDBClusterCommand,
  StopDBClusterCommand,
} from '@aws-sdk/client-neptune';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, refusalOf, signedHeaders, startBench } from '../clients.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const dev = { DBClusterIdentifier: 'dev-1' };

async function read(identifier = 'dev-1'): Promise<DBCluster> {
  const answer = await bench.neptune.send(new DescribeDBClustersCommand({ DBClusterIdentifier: identifier }));
  const [cluster] = answer.DBClusters ?? [];
  if (cluster === undefined) throw new Error('no cluster in the answer');
  return cluster;
}

const stop = (identifier = 'dev-1') =>
  bench.neptune.send(new StopDBClusterCommand({ DBClusterIdentifier: identifier }));
const start = (identifier = 'dev-1') =>
  bench.neptune.send(new StartDBClusterCommand({ DBClusterIdentifier: identifier }));

describe('the life of a cluster', () => {
  it('is stopped over a while, rests for seven days and then starts by itself', async () => {
    await bench.account.addCluster({ identifier: 'dev-1' });
    expect((await stop()).DBCluster?.Status).toBe('stopping');
    const stoppedAt = bench.clock.now() + 4000;
    bench.clock.advance(3999);
    expect((await read()).Status).toBe('stopping');
    bench.clock.advance(1);
    const stopped = await read();
    expect(stopped.Status).toBe('stopped');
    expect(stopped.AutomaticRestartTime?.getTime()).toBe(stoppedAt + 7 * 86_400_000);
    bench.clock.advance(7 * 86_400_000);
    expect((await read()).Status).toBe('starting');
    bench.clock.advance(3000);
    const started = await read();
    expect(started.Status).toBe('available');
    expect(started.AutomaticRestartTime).toBeUndefined();
  });

  it('starts only from stopped and stops only from available', async () => {
    await bench.account.addCluster({ identifier: 'dev-1' });
    expect(await refusalOf(start())).toMatchObject({ name: 'InvalidDBClusterStateFault', status: 400 });
    await stop();
    expect(await refusalOf(stop())).toMatchObject({ name: 'InvalidDBClusterStateFault', status: 400 });
    bench.clock.advance(4000);
    expect((await start()).DBCluster?.Status).toBe('starting');
    expect(await refusalOf(start())).toMatchObject({ name: 'InvalidDBClusterStateFault' });
    bench.clock.advance(3000);
    expect((await read()).Status).toBe('available');
    expect(bench.journal.effects().map(({ kind }) => kind)).toEqual(['stop-db-cluster', 'start-db-cluster']);
  });

  it('refuses to stop while a member lags behind, by the wire code that differs from the class name', async () => {
    bench.account.durations.instanceLagMs = 1000;
    await bench.account.addCluster({ identifier: 'dev-1', status: 'stopped', instances: 2 });
    await start();
    bench.clock.advance(3500);
    expect((await read()).Status).toBe('available');
    const refused = await refusalOf(stop());
    expect(refused.name).toBe('InvalidDBInstanceStateFault');
    expect(refused.error).toBeInstanceOf(InvalidDBInstanceStateFault);
    expect(refused.error['Code']).toBe('InvalidDBInstanceState');
    expect(bench.journal.effects('stop-db-cluster')).toHaveLength(0);
    bench.clock.advance(500);
    await stop();
  });

  it('refuses to stop a member of a global database', async () => {
    await bench.account.addCluster({ identifier: 'dev-1', globalCluster: 'world' });
    expect((await read()).GlobalClusterIdentifier).toBe('world');
    expect(await refusalOf(stop())).toMatchObject({ name: 'InvalidDBClusterStateFault' });
  });

  it('goes through what an outsider does to it', async () => {
    const { outsider } = bench.account;
    await bench.account.addCluster({ identifier: 'dev-1', instances: 2 });
    outsider.setClusterStatus('dev-1', 'backing-up', { forMs: 1000 });
    expect(await refusalOf(stop())).toMatchObject({ name: 'InvalidDBClusterStateFault' });
    bench.clock.advance(1000);
    expect((await read()).Status).toBe('available');
    outsider.setInstanceStatus('dev-1-2', 'rebooting', { forMs: 1000 });
    expect(await refusalOf(stop())).toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    bench.clock.advance(1000);
    outsider.stopCluster('dev-1');
    bench.clock.advance(4000);
    expect((await read()).Status).toBe('stopped');
    outsider.startCluster('dev-1');
    expect((await read()).Status).toBe('starting');
    outsider.deleteCluster('dev-1');
    expect((await read()).Status).toBe('deleting');
    bench.clock.advance(2000);
    expect(await refusalOf(read())).toMatchObject({ name: 'DBClusterNotFoundFault', status: 404 });
    expect(bench.journal.effects('stop-db-cluster')).toHaveLength(0);
    expect(bench.journal.effects('outsider', 'db-cluster/dev-1')).toHaveLength(4);
  });
});

describe('reading clusters', () => {
  it('gives a cluster with its members, tags and identifiers', async () => {
    const made = await bench.account.addCluster({ identifier: 'Dev-1', instances: 2, tags: { team: 'search' } });
    const cluster = await read('DEV-1');
    expect(cluster).toMatchObject({
      DBClusterIdentifier: 'dev-1',
      Engine: 'neptune',
      Endpoint: '127.0.0.1',
      ReaderEndpoint: '127.0.0.1',
      Port: made.port,
      MultiAZ: true,
      DbClusterResourceId: made.resourceId,
      IAMDatabaseAuthenticationEnabled: true,
      AllocatedStorage: 1,
      VpcSecurityGroups: [{ Status: 'active' }],
      AssociatedRoles: [],
      DBClusterMembers: [
        { DBInstanceIdentifier: 'dev-1-1', IsClusterWriter: true, PromotionTier: 0 },
        { DBInstanceIdentifier: 'dev-1-2', IsClusterWriter: false, PromotionTier: 1 },
      ],
    });
    const tags = new ListTagsForResourceCommand({ ResourceName: cluster.DBClusterArn });
    expect((await bench.neptune.send(tags)).TagList).toEqual([{ Key: 'team', Value: 'search' }]);
    const instances = await bench.neptune.send(
      new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: ['dev-1'] }] }),
    );
    expect(instances.DBInstances?.map((each) => each.Endpoint?.Port)).toEqual(made.instances.map(({ port }) => port));
    expect(new Set([made.port, ...made.instances.map(({ port }) => port)]).size).toBe(3);
  });

  it('lists other engines too unless they are filtered out', async () => {
    await bench.account.addCluster({ identifier: 'dev-1' });
    await bench.account.addCluster({ identifier: 'docs', engine: 'docdb', dataPlane: false });
    const list = async (values?: string[]) => {
      const Filters = values && [{ Name: 'engine', Values: values }];
      const { DBClusters = [] } = await bench.neptune.send(new DescribeDBClustersCommand({ Filters }));
      return DBClusters.map((each) => each.DBClusterIdentifier);
    };
    expect(await list()).toEqual(['dev-1', 'docs']);
    expect(await list(['neptune'])).toEqual(['dev-1']);
    expect(await list(['docdb', 'neptune'])).toEqual(['dev-1', 'docs']);
    expect(await list(['aurora'])).toEqual([]);
  });

  it('cuts pages that the paginator puts together, even when something is deleted between them', async () => {
    for (let i = 0; i < 50; i += 1) await bench.account.addCluster({ identifier: `c-${i}`, dataPlane: false });
    const sizes: number[] = [];
    const pages = paginateDescribeDBClusters({ client: bench.neptune, pageSize: 20 }, {});
    for await (const page of pages) {
      sizes.push(page.DBClusters?.length ?? 0);
      if (sizes.length === 1) {
        bench.account.outsider.deleteCluster('c-3');
        bench.clock.advance(2000);
      }
    }
    expect(sizes).toEqual([20, 20, 10]);
  });

  it.each([
    ['too small a page', { MaxRecords: 19 }, 'InvalidParameterValue'],
    ['too large a page', { MaxRecords: 101 }, 'InvalidParameterValue'],
    ['a marker that is not one', { Marker: 'nonsense' }, 'InvalidParameterValue'],
    ['an unknown filter', { Filters: [{ Name: 'status', Values: ['available'] }] }, 'InvalidParameterValue'],
    ['an identifier with two hyphens', { DBClusterIdentifier: 'dev--1' }, 'InvalidParameterValue'],
    ['a cluster that is not there', { DBClusterIdentifier: 'nobody' }, 'DBClusterNotFoundFault'],
  ])('refuses %s', async (_what, input, name) => {
    expect((await refusalOf(bench.neptune.send(new DescribeDBClustersCommand(input)))).name).toBe(name);
  });

  it('wants an identifier where one is needed', async () => {
    expect(await refusalOf(stop(''))).toMatchObject({ name: 'MissingParameter', status: 400 });
    expect(await refusalOf(stop('nobody'))).toMatchObject({ name: 'DBClusterNotFoundFault', status: 404 });
  });
});

it('takes a cluster snapshot once per name', async () => {
  await bench.account.addCluster({ identifier: 'dev-1' });
  const create = () =>
    bench.neptune.send(new CreateDBClusterSnapshotCommand({ ...dev, DBClusterSnapshotIdentifier: 'before-reset' }));
  expect((await create()).DBClusterSnapshot).toMatchObject({ Status: 'creating', PercentProgress: 0 });
  expect(await refusalOf(create())).toMatchObject({ name: 'DBClusterSnapshotAlreadyExistsFault' });
  bench.clock.advance(3000);
  const one = { DBClusterSnapshotIdentifier: 'before-reset' };
  const { DBClusterSnapshots } = await bench.neptune.send(new DescribeDBClusterSnapshotsCommand(one));
  expect(DBClusterSnapshots).toMatchObject([{ Status: 'available', PercentProgress: 100, Engine: 'neptune' }]);
  const both = new DescribeDBClusterSnapshotsCommand({ ...one, ...dev });
  expect(await refusalOf(bench.neptune.send(both))).toMatchObject({ name: 'InvalidParameterCombination' });
  const other = new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: 'other' });
  expect(await refusalOf(bench.neptune.send(other))).toMatchObject({ name: 'DBClusterSnapshotNotFoundFault' });
});

it('keeps the tags of a cluster snapshot, and frees its name when it is deleted', async () => {
  await bench.account.addCluster({ identifier: 'dev-1' });
  const Tags = [{ Key: 'team', Value: 'search' }];
  const create = () =>
    bench.neptune.send(new CreateDBClusterSnapshotCommand({ ...dev, DBClusterSnapshotIdentifier: 'nightly', Tags }));
  const ResourceName = (await create()).DBClusterSnapshot?.DBClusterSnapshotArn;
  expect((await bench.neptune.send(new ListTagsForResourceCommand({ ResourceName }))).TagList).toEqual(Tags);
  bench.account.outsider.setClusterSnapshotStatus('nightly', 'deleting');
  expect(await refusalOf(create())).toMatchObject({ name: 'DBClusterSnapshotAlreadyExistsFault' });
  bench.clock.advance(2000);
  const one = new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: 'nightly' });
  expect(await refusalOf(bench.neptune.send(one))).toMatchObject({ name: 'DBClusterSnapshotNotFoundFault' });
  expect((await create()).DBClusterSnapshot).toMatchObject({ Status: 'creating' });
});

it('takes a snapshot of a stopped cluster only where it is told to, for AWS does not say', async () => {
  await bench.account.addCluster({ identifier: 'dev-1', status: 'stopped' });
  const create = () =>
    bench.neptune.send(new CreateDBClusterSnapshotCommand({ ...dev, DBClusterSnapshotIdentifier: 'nightly' }));
  expect(await refusalOf(create())).toMatchObject({ name: 'InvalidDBClusterStateFault', status: 400 });
  bench.account.snapshotsOfStopped = 'taken';
  expect((await create()).DBClusterSnapshot).toMatchObject({ DBClusterIdentifier: 'dev-1' });
});

describe('requests that never get as far', () => {
  const post = (headers: Record<string, string>, body = 'Action=DescribeDBClusters&Version=2014-10-31') =>
    fetch(bench.endpoints.neptune, { method: 'POST', headers, body });

  it('are those without a signature, for another service, or too old', async () => {
    const cases = [
      [{}, 'MissingAuthenticationToken'],
      [signedHeaders('neptune-graph'), 'SignatureDoesNotMatch'],
      [signedHeaders('rds', new Date(Date.now() - 301_000)), 'Signature expired'],
      [{ ...signedHeaders('rds'), authorization: 'AWS4-HMAC-SHA256 nonsense' }, 'SignatureDoesNotMatch'],
    ] as const;
    for (const [headers, expected] of cases) {
      const answer = await post({ ...headers });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain(expected);
    }
    expect((await post(signedHeaders('rds'))).status).toBe(200);
  });

  it('are those with an action that nobody knows', async () => {
    const answer = await post(signedHeaders('rds'), 'Action=DropEverything&Version=2014-10-31');
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('<Code>InvalidAction</Code>');
  });
});
