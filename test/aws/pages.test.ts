// Lists that repeat a page or never end, with every reader of lists: a bounded number of calls, and nothing is believed.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readActivity } from '../../src/aws/activity.ts';
import { type Aws, createAws } from '../../src/aws/clients.ts';
import { readDbInstances } from '../../src/aws/db-cluster.ts';
import { faultOf } from '../../src/aws/faults.ts';
import { findGraphSnapshots } from '../../src/aws/graph.ts';
import { lookAtDbClusters, lookAtGraphs } from '../../src/aws/inventory.ts';
import { readAllPages } from '../../src/aws/pages.ts';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';

let emulator: Emulator;
let aws: Aws;
beforeAll(async () => {
  emulator = await startEmulator();
  Object.assign(process.env, emulator.env);
  await emulator.account.addCluster({ identifier: 'dev-1', dataPlane: false, instances: 2 });
  emulator.account.addGraph({ id: 'g-0123456789', name: 'graph' });
  aws = createAws({ name: 'default', region: 'eu-west-1' }, { dataPlaneScheme: 'http' });
});
afterAll(async () => {
  aws.close();
  await emulator.close();
});
beforeEach(() => {
  emulator.switches.clear();
  emulator.journal.clear();
});

const readers: [string, (aws: Aws) => Promise<unknown>, most: number][] = [
  ['DescribeDBInstances', (the) => readDbInstances(the, 'dev-1'), 10],
  ['DescribeDBClusters', lookAtDbClusters, 200],
  ['DescribeDBInstances', lookAtDbClusters, 200],
  ['ListGraphs', lookAtGraphs, 200],
  ['ListGraphSnapshots', (the) => findGraphSnapshots(the, 'nightly'), 100],
];
const calls = (action: string) => emulator.journal.requests({ action }).length;

describe.each(readers)('a list of %s', (action, read, most) => {
  it('that names a page twice is refused at the second time', async () => {
    emulator.switches.endless({ pages: 'same' }, { action });
    const error: unknown = await read(aws).catch((thrown: unknown) => thrown);
    expect(faultOf(error)).toMatchObject({
      class: 'transient',
      code: 'EndlessList',
      message: `The list of ${action} names a page twice; it is not read on.`,
    });
    expect(calls(action)).toBe(2);
  });

  it('that names another page each time is refused after so many', async () => {
    emulator.switches.endless({ pages: 'new' }, { action });
    const error: unknown = await read(aws).catch((thrown: unknown) => thrown);
    expect(faultOf(error)).toMatchObject({ class: 'transient', code: 'EndlessList' });
    expect(calls(action)).toBe(most);
  });

  it('of which an answer is huge is refused', async () => {
    emulator.switches.flood(700_000_000, { action });
    const error: unknown = await read(aws).catch((thrown: unknown) => thrown);
    expect(faultOf(error)).toMatchObject({ class: 'transient', code: 'ForeignAnswer' });
  });
});

it('whether a graph is in use is unknown where the list of imports never ends', async () => {
  emulator.switches.endless({}, { action: 'ListImportTasks' });
  const [graph] = await lookAtGraphs(aws);
  expect(graph && (await readActivity(aws, graph))).toEqual({ activity: 'unknown', what: 'EndlessList' });
  expect(calls('ListImportTasks')).toBe(2);
});

it('a list that takes too long as a whole is given up, however quick its pages are', async () => {
  let page = 0;
  const list = readAllPages({
    action: 'ListGraphs',
    most: 1_000_000_000,
    time: 20,
    read: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { items: [], next: `page ${(page += 1)}` };
    },
  });
  expect(faultOf(await list.catch((error: unknown) => error))).toMatchObject({
    class: 'transient',
    code: 'TimeoutError',
  });
});
