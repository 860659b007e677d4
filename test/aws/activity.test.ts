// Whether anybody uses a resource right now; what can't be read is never taken for idle.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Aws, createAws } from '../../src/aws/clients.ts';
import { type ObservedResource, lookAtDbClusters, lookAtGraphs } from '../../src/aws/inventory.ts';
import { readActivity } from '../../src/aws/activity.ts';
import { createTurnableClock } from '../../emulator/clock.ts';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';

let emulator: Emulator;
let aws: Aws;
beforeAll(async () => {
  emulator = await startEmulator({ clock: createTurnableClock() });
  Object.assign(process.env, emulator.env);
  aws = createAws({ name: 'default', region: 'eu-west-1' }, { dataPlaneScheme: 'http' });
});
afterAll(async () => {
  aws.close();
  await emulator.close();
});
afterEach(() => {
  emulator.switches.clear();
  emulator.journal.clear();
});

describe('a cluster', () => {
  let seen: ObservedResource;
  beforeAll(async () => {
    await emulator.account.addCluster({ identifier: 'dev-1', instances: 2 });
    seen = (await lookAtDbClusters(aws))[0]!;
  });
  beforeEach(() => emulator.account.outsider.setBusy('dev-1', {}));
  const busy = (what: object) => emulator.account.outsider.setBusy('dev-1', what);

  it('is idle when every instance says so', async () => {
    emulator.journal.clear();
    expect(await readActivity(aws, seen)).toEqual({ activity: 'idle' });
    const asked = (action: string) =>
      emulator.journal
        .requests({ action })
        .map(({ instance }) => instance)
        .sort();
    expect(asked('ListGremlinQueries')).toEqual(['dev-1-1', 'dev-1-2']);
    expect(asked('ListOpenCypherQueries')).toEqual(['dev-1-1', 'dev-1-2']);
    expect(asked('ListLoaderJobs')).toHaveLength(1);
  });

  it.each([
    [{ gremlinQueries: 1 }, '1 Gremlin query'],
    [{ gremlinQueries: 3 }, '3 Gremlin queries'],
    [{ openCypherQueries: 2 }, '2 openCypher queries'],
    [{ loads: { a: 'LOAD_COMPLETED', b: 'LOAD_IN_PROGRESS' } }, 'bulk load b'],
    [{ loads: { a: 'LOAD_IN_QUEUE' } }, 'bulk load a'],
    [{ loads: { a: 'LOAD_NOT_STARTED' } }, 'bulk load a'],
  ])('is busy with %j', async (what, words) => {
    busy(what);
    expect(await readActivity(aws, seen)).toMatchObject({
      activity: 'busy',
      what: expect.stringContaining(words) as string,
    });
  });

  it('is not kept awake by loads that are over', async () => {
    busy({ loads: { a: 'LOAD_COMPLETED', b: 'LOAD_FAILED', c: 'LOAD_CANCELLED_BY_USER' } });
    expect(await readActivity(aws, seen)).toEqual({ activity: 'idle' });
  });

  it.each(['ListGremlinQueries', 'ListOpenCypherQueries', 'ListLoaderJobs'])(
    'is unknown where %s can’t be asked, unless something else is seen to run',
    async (action) => {
      emulator.switches.fault({ code: 'AccessDeniedException', status: 403 }, { action });
      expect(await readActivity(aws, seen)).toEqual({ activity: 'unknown', what: 'AccessDeniedException' });
      busy(action === 'ListGremlinQueries' ? { openCypherQueries: 1 } : { gremlinQueries: 1 });
      expect(await readActivity(aws, seen)).toMatchObject({ activity: 'busy' });
    },
  );

  it('is unknown when the status of a load can’t be read', async () => {
    busy({ loads: { a: 'LOAD_COMPLETED' } });
    emulator.switches.fault({ code: 'BulkLoadIdNotFoundException' }, { action: 'GetLoaderJobStatus' });
    expect(await readActivity(aws, seen)).toMatchObject({ activity: 'unknown' });
  });

  it('is unknown when one engine is out of reach, or there is none', async () => {
    const gone = { host: '127.0.0.1', port: 1 };
    expect(await readActivity(aws, { ...seen, engines: [...seen.engines, gone] })).toEqual({
      activity: 'unknown',
      what: 'ECONNREFUSED',
    });
    expect(await readActivity(aws, { ...seen, engines: [] })).toMatchObject({ activity: 'unknown' });
    expect(await readActivity(aws, { ...seen, engines: [{ host: 'db.example.com', port: 8182 }] })).toMatchObject({
      activity: 'unknown',
    });
  });
});

describe('a graph', () => {
  const id = 'g-0000000001';
  let seen: ObservedResource;
  beforeAll(async () => {
    emulator.account.addGraph({ id, name: 'catalogue' });
    emulator.account.addGraph({ id: 'g-0000000002', name: 'other' });
    seen = (await lookAtGraphs(aws)).find((each) => each.id === id)!;
  });
  beforeEach(() => emulator.account.outsider.setGraphBusy(id, {}));

  it('is idle when nothing runs on it, whatever runs elsewhere', async () => {
    emulator.account.outsider.setGraphBusy('g-0000000002', { queries: 5 });
    emulator.account.addImportTask({ graphId: 'g-0000000002', totalMs: 60_000 });
    expect(await readActivity(aws, seen)).toEqual({ activity: 'idle' });
  });

  it('is busy with its queries', async () => {
    emulator.account.outsider.setGraphBusy(id, { queries: 2 });
    expect(await readActivity(aws, seen)).toEqual({ activity: 'busy', what: '2 queries' });
  });

  it('is unknown where its queries can’t be listed, unless an import is seen', async () => {
    emulator.switches.fault({ code: 'AccessDeniedException' }, { action: 'ListQueries' });
    expect(await readActivity(aws, seen)).toEqual({ activity: 'unknown', what: 'AccessDeniedException' });
    // Behind two pages of others.
    for (let n = 0; n < 150; n += 1) emulator.account.addImportTask({ graphId: 'g-0000000002', totalMs: 60_000 });
    const { id: task } = emulator.account.addImportTask({ graphId: id, totalMs: 60_000 });
    expect(await readActivity(aws, seen)).toEqual({ activity: 'busy', what: `import ${task}` });
    emulator.account.outsider.setImportStatus(task, 'FAILED');
    emulator.switches.clear();
    expect(await readActivity(aws, seen)).toEqual({ activity: 'idle' });
  });
});
