// What the client's types promise, checked by `tsc`: each wrong line here must not compile.
import { describe, expectTypeOf, it } from 'vitest';
import type {
  Client,
  DbClusterSnapshotResult,
  EndedJob,
  FastResetResult,
  GraphResult,
  GraphSnapshotResult,
  ImportTaskResult,
  InputOf,
  Job,
  OperationName,
  ResultOf,
} from '../../src/index.ts';
import { connect } from '../../src/index.ts';

declare const client: Client;

/** Never run: only its types count. */
export async function wrongUses(): Promise<void> {
  // @ts-expect-error there is no such operation
  await client.enqueue('drop-db-cluster', {});
  // @ts-expect-error the input is missing
  await client.enqueue('stop-db-cluster');
  // @ts-expect-error the field is misspelt
  await client.enqueue('stop-db-cluster', { clusterIdentifier: 'dev-1' });
  // @ts-expect-error a reset takes its confirmation
  await client.enqueue('fast-reset', { dbClusterIdentifier: 'dev-1' });
  // @ts-expect-error tags are texts
  await client.enqueue('create-graph-snapshot', { graphIdentifier: 'g-1', snapshotName: 'a', tags: { a: 1 } });
  // @ts-expect-error a snapshot takes a name
  await client.enqueue('create-db-cluster-snapshot', { dbClusterIdentifier: 'dev-1' });
  // @ts-expect-error a graph is no cluster
  await client.enqueue('stop-graph', { dbClusterIdentifier: 'dev-1' });
  // @ts-expect-error whether AWS takes a snapshot first has no default
  await client.enqueue('reset-graph', { graphIdentifier: 'g-1', confirm: 'g-1' });
  // @ts-expect-error there is no such way
  await client.enqueue('stop-db-cluster', { dbClusterIdentifier: 'dev-1' }, { onBusy: 'shove' });
  const ended = await client.waitFor(await client.enqueue('stop-db-cluster', { dbClusterIdentifier: 'dev-1' }));
  // @ts-expect-error a cluster's result has no snapshot
  void ended.outcome.result?.snapshotCreateTime;
  // @ts-expect-error what is not known yet may be null
  void (await client.get('1')).outcome.state;
  // @ts-expect-error an address is needed
  connect({});
}

export async function rightUses(): Promise<void> {
  const tags = { team: 'search' };
  const job = await client.enqueue('create-graph-snapshot', { graphIdentifier: 'g-1', snapshotName: 'a', tags });
  expectTypeOf(job).toEqualTypeOf<Job<'create-graph-snapshot'>>();
  expectTypeOf(job.input.snapshotName).toEqualTypeOf<string>();
  const ended = await client.waitFor(job);
  expectTypeOf(ended).toEqualTypeOf<EndedJob<'create-graph-snapshot'>>();
  if (ended.outcome.state === 'succeeded') {
    expectTypeOf(ended.outcome.result).toEqualTypeOf<GraphSnapshotResult | undefined>();
  }
  const stopped = await client.waitFor(await client.enqueue('stop-graph', { graphIdentifier: 'g-1' }));
  expectTypeOf(stopped.outcome.result).toEqualTypeOf<GraphResult | undefined>();
  const names = { dbClusterIdentifier: 'dev-1', dbClusterSnapshotIdentifier: 'a' };
  const taken = await client.waitFor(await client.enqueue('create-db-cluster-snapshot', { ...names, tags }));
  expectTypeOf(taken.outcome.result).toEqualTypeOf<DbClusterSnapshotResult | undefined>();
  for await (const stop of client.jobs({ operation: 'stop-db-cluster' })) {
    expectTypeOf(stop.input.dbClusterIdentifier).toEqualTypeOf<string>();
  }
  const emptied = await client.enqueue('reset-graph', { graphIdentifier: 'g-1', skipSnapshot: true, confirm: 'g-1' });
  expectTypeOf((await client.waitFor(emptied)).outcome.result).toEqualTypeOf<GraphResult | undefined>();
  const any = await client.get('1');
  if (any.operation === 'fast-reset') expectTypeOf(any.input.confirm).toEqualTypeOf<string>();
}

describe('the types', () => {
  it('know every input and result by the name of the operation', () => {
    expectTypeOf<InputOf<'stop-db-cluster'>>().toEqualTypeOf<{ dbClusterIdentifier: string }>();
    expectTypeOf<InputOf<'create-graph-snapshot'>>().toExtend<{ tags?: Record<string, string> | undefined }>();
    expectTypeOf<ResultOf<OperationName>>().not.toBeNever();
    // As its handler makes it: what may be missing is optional, and never there as undefined.
    expectTypeOf<FastResetResult>().toEqualTypeOf<{
      readonly endpoint: string;
      readonly port: number;
      readonly startTime: string;
      readonly unread: readonly string[];
      readonly engineVersion?: string;
      readonly startTimeBefore?: string;
    }>();
    expectTypeOf<GraphResult['status']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<NonNullable<ImportTaskResult['importTaskDetails']>['errorCount']>().toEqualTypeOf<
      number | undefined
    >();
    expectTypeOf<Job['operation']>().toEqualTypeOf<OperationName>();
  });
});
