// Whether anybody uses a resource right now; what can't be read is never taken for idle.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Aws, createAws } from '../../src/aws/clients.ts';
import { type Sighting, lookAtDbClusters, lookAtGraphs } from '../../src/aws/estate.ts';
import { readUse } from '../../src/aws/use.ts';
import { createTurnableClock } from '../../src/local/clock.ts';
import { type StandIns, startStandIns } from '../../src/local/stand-ins.ts';

let standIns: StandIns;
let aws: Aws;
beforeAll(async () => {
  standIns = await startStandIns({ clock: createTurnableClock() });
  Object.assign(process.env, standIns.env);
  aws = createAws({ name: 'default', region: 'eu-west-1' }, { dataPlaneScheme: 'http' });
});
afterAll(async () => {
  aws.close();
  await standIns.close();
});
afterEach(() => {
  standIns.switches.clear();
  standIns.journal.clear();
});

describe('a cluster', () => {
  let seen: Sighting;
  beforeAll(async () => {
    await standIns.world.addCluster({ identifier: 'dev-1', instances: 2 });
    seen = (await lookAtDbClusters(aws))[0]!;
  });
  beforeEach(() => standIns.world.outsider.setBusy('dev-1', {}));
  const busy = (what: object) => standIns.world.outsider.setBusy('dev-1', what);

  it('is idle when every instance says so', async () => {
    standIns.journal.clear();
    expect(await readUse(aws, seen)).toEqual({ use: 'idle' });
    const asked = (action: string) =>
      standIns.journal
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
    expect(await readUse(aws, seen)).toMatchObject({ use: 'busy', what: expect.stringContaining(words) as string });
  });

  it('is not kept awake by loads that are over', async () => {
    busy({ loads: { a: 'LOAD_COMPLETED', b: 'LOAD_FAILED', c: 'LOAD_CANCELLED_BY_USER' } });
    expect(await readUse(aws, seen)).toEqual({ use: 'idle' });
  });

  it.each(['ListGremlinQueries', 'ListOpenCypherQueries', 'ListLoaderJobs'])(
    'is unknown where %s can’t be asked, unless something else is seen to run',
    async (action) => {
      standIns.switches.fault({ code: 'AccessDeniedException', status: 403 }, { action });
      expect(await readUse(aws, seen)).toEqual({ use: 'unknown', what: 'AccessDeniedException' });
      busy(action === 'ListGremlinQueries' ? { openCypherQueries: 1 } : { gremlinQueries: 1 });
      expect(await readUse(aws, seen)).toMatchObject({ use: 'busy' });
    },
  );

  it('is unknown when the status of a load can’t be read', async () => {
    busy({ loads: { a: 'LOAD_COMPLETED' } });
    standIns.switches.fault({ code: 'BulkLoadIdNotFoundException' }, { action: 'GetLoaderJobStatus' });
    expect(await readUse(aws, seen)).toMatchObject({ use: 'unknown' });
  });

  it('is unknown when one engine is out of reach, or there is none', async () => {
    const gone = { host: '127.0.0.1', port: 1 };
    expect(await readUse(aws, { ...seen, engines: [...seen.engines, gone] })).toEqual({
      use: 'unknown',
      what: 'ECONNREFUSED',
    });
    expect(await readUse(aws, { ...seen, engines: [] })).toMatchObject({ use: 'unknown' });
    expect(await readUse(aws, { ...seen, engines: [{ host: 'db.example.com', port: 8182 }] })).toMatchObject({
      use: 'unknown',
    });
  });
});

describe('a graph', () => {
  const id = 'g-0000000001';
  let seen: Sighting;
  beforeAll(async () => {
    standIns.world.addGraph({ id, name: 'catalogue' });
    standIns.world.addGraph({ id: 'g-0000000002', name: 'other' });
    seen = (await lookAtGraphs(aws)).find((each) => each.id === id)!;
  });
  beforeEach(() => standIns.world.outsider.setGraphBusy(id, {}));

  it('is idle when nothing runs on it, whatever runs elsewhere', async () => {
    standIns.world.outsider.setGraphBusy('g-0000000002', { queries: 5 });
    standIns.world.addImportTask({ graphId: 'g-0000000002', totalMs: 60_000 });
    expect(await readUse(aws, seen)).toEqual({ use: 'idle' });
  });

  it('is busy with its queries', async () => {
    standIns.world.outsider.setGraphBusy(id, { queries: 2 });
    expect(await readUse(aws, seen)).toEqual({ use: 'busy', what: '2 queries' });
  });

  it('is unknown where its queries can’t be listed, unless an import is seen', async () => {
    standIns.switches.fault({ code: 'AccessDeniedException' }, { action: 'ListQueries' });
    expect(await readUse(aws, seen)).toEqual({ use: 'unknown', what: 'AccessDeniedException' });
    // Behind two pages of others.
    for (let n = 0; n < 150; n += 1) standIns.world.addImportTask({ graphId: 'g-0000000002', totalMs: 60_000 });
    const { id: task } = standIns.world.addImportTask({ graphId: id, totalMs: 60_000 });
    expect(await readUse(aws, seen)).toEqual({ use: 'busy', what: `import ${task}` });
    standIns.world.outsider.setImportStatus(task, 'FAILED');
    standIns.switches.clear();
    expect(await readUse(aws, seen)).toEqual({ use: 'idle' });
  });
});
