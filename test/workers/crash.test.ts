// A crash at every step of every operation: before and after each read, commit, request, look at the lock, message and
// addition to a queue. What a crashed process leaves behind is the store alone; a new process goes on from there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationNames } from '../../src/handlers/index.ts';
import { type JobRecord, type Outcome, indexOf, keyOf } from '../../src/records/job.ts';
import { Driver, openOutside, type Outside } from '../support/driver.ts';
import type { AnyJob } from '../support/jobs.ts';
import { Lifetime } from '../support/lifetime.ts';
import { storeKinds } from '../support/stores.ts';

interface Scenario {
  readonly name: string;
  /** Puts what the jobs act on into the account. `id` makes its names. */
  readonly prepare: (outside: Outside, id: string) => Promise<void> | void;
  /** What a producer asks for, again with the same keys when it died meanwhile. */
  readonly requests: (id: string) => readonly { readonly operation: string; readonly input: object }[];
  /** What a person does on the way. */
  readonly meddle?: (driver: Driver, jobs: readonly JobRecord[]) => Promise<void>;
  readonly effects: (id: string) => Partial<Record<string, string>>;
  readonly states: readonly Outcome['state'][];
  /** May the effect be missing after a crash between the intent and its answer, and how does the job end then? */
  readonly orNone?: string;
}

const cluster = (status: string) => async (outside: Outside, id: string) => {
  await outside.emulator.account.addCluster({ identifier: id, status, dataPlane: false });
};
const graphOf = (id: string) => `g-${id.replaceAll(/[^a-z0-9]/g, '').padStart(10, '0')}`;
const taskOf = (id: string) => `t-${id.replaceAll(/[^a-z0-9]/g, '').padStart(10, '0')}`;
const graph = ({ emulator }: Outside, id: string) =>
  void emulator.account.addGraph({ id: graphOf(id), name: id.replace('-', '') });
const importing = (totalMs: number) => (outside: Outside, id: string) => {
  graph(outside, id);
  outside.emulator.account.addImportTask({ id: taskOf(id), graphId: graphOf(id), totalMs });
};
const cancelFirst = async (driver: Driver, [job]: readonly JobRecord[]) => {
  if (job === undefined) return;
  await driver.drive(async () => {
    const { phase, outcome } = await driver.job(job.id);
    return phase === 'follow' || outcome !== undefined;
  });
  await driver.cancel(job.id).catch((error: { code?: string }) => expect(error.code).toBe('already-ended'));
};

const scenarios: readonly Scenario[] = [
  {
    name: 'stop-db-cluster, and start-db-cluster behind it',
    prepare: cluster('available'),
    requests: (id) => [
      { operation: 'stop-db-cluster', input: { dbClusterIdentifier: id } },
      { operation: 'start-db-cluster', input: { dbClusterIdentifier: id } },
    ],
    effects: (id) => ({ 'stop-db-cluster': `db-cluster/${id}`, 'start-db-cluster': `db-cluster/${id}` }),
    states: ['succeeded', 'succeeded'],
  },
  {
    name: 'fast-reset',
    prepare: async ({ emulator }, id) =>
      void (await emulator.account.addCluster({ identifier: id, instances: 2, data: 7 })),
    requests: (id) => [{ operation: 'fast-reset', input: { dbClusterIdentifier: id, confirm: id } }],
    effects: (id) => ({ reset: `db-cluster/${id}` }),
    states: ['succeeded'],
    orNone: 'reset-not-confirmed',
  },
  {
    name: 'create-graph-snapshot',
    prepare: graph,
    requests: (id) => [
      {
        operation: 'create-graph-snapshot',
        input: { graphIdentifier: graphOf(id), snapshotName: `n${id}`, tags: { by: 'test' } },
      },
    ],
    effects: (id) => ({ 'create-graph-snapshot': `graph/${graphOf(id)}` }),
    states: ['succeeded'],
  },
  {
    name: 'create-db-cluster-snapshot',
    prepare: cluster('available'),
    requests: (id) => [
      {
        operation: 'create-db-cluster-snapshot',
        input: { dbClusterIdentifier: id, dbClusterSnapshotIdentifier: `s-${id}` },
      },
    ],
    effects: (id) => ({ 'create-db-cluster-snapshot': `db-cluster/${id}` }),
    states: ['succeeded'],
  },
  {
    name: 'stop-graph, and start-graph behind it',
    prepare: graph,
    requests: (id) => [
      { operation: 'stop-graph', input: { graphIdentifier: graphOf(id) } },
      { operation: 'start-graph', input: { graphIdentifier: graphOf(id) } },
    ],
    effects: (id) => ({ 'stop-graph': `graph/${graphOf(id)}`, 'start-graph': `graph/${graphOf(id)}` }),
    states: ['succeeded', 'succeeded'],
  },
  {
    name: 'reset-graph',
    prepare: graph,
    requests: (id) => [
      {
        operation: 'reset-graph',
        input: { graphIdentifier: graphOf(id), skipSnapshot: true, confirm: graphOf(id) },
      },
    ],
    effects: (id) => ({ 'reset-graph': `graph/${graphOf(id)}` }),
    states: ['succeeded'],
    orNone: 'reset-not-confirmed',
  },
  {
    name: 'watch-import-task',
    prepare: importing(20_000),
    requests: (id) => [{ operation: 'watch-import-task', input: { taskIdentifier: taskOf(id) } }],
    effects: () => ({}),
    states: ['succeeded'],
  },
  {
    name: 'cancel-import-task',
    prepare: importing(600_000),
    requests: (id) => [{ operation: 'cancel-import-task', input: { taskIdentifier: taskOf(id) } }],
    effects: (id) => ({ 'cancel-import-task': `import-task/${taskOf(id)}` }),
    states: ['succeeded'],
  },
  {
    name: 'a stop that is cancelled on its way, with a start behind it',
    prepare: cluster('available'),
    requests: (id) => [
      { operation: 'stop-db-cluster', input: { dbClusterIdentifier: id } },
      { operation: 'start-db-cluster', input: { dbClusterIdentifier: id } },
    ],
    meddle: cancelFirst,
    effects: (id) => ({ 'stop-db-cluster': `db-cluster/${id}`, 'start-db-cluster': `db-cluster/${id}` }),
    states: ['cancelled', 'succeeded'],
  },
];

it('a crash is tried with every operation', () => {
  const tried = new Set(scenarios.flatMap(({ requests }) => requests('id').map(({ operation }) => operation)));
  const missing = operationNames.filter((name) => !tried.has(name));
  expect(missing, 'these operations need one of the `scenarios` of test/workers/crash.test.ts').toEqual([]);
});

let number = 0;

describe.each(storeKinds())('a crash at any step, records in $name', (kind) => {
  let outside: Outside;
  beforeAll(async () => {
    outside = await openOutside(kind);
  });
  afterAll(() => outside.close());

  /** All that one process does for a scenario, from the requests to the last event. */
  async function live(driver: Driver, { requests, meddle }: Scenario, id: string): Promise<AnyJob[]> {
    const jobs: JobRecord[] = [];
    for (const [index, request] of requests(id).entries()) {
      const accepted = await driver.enqueue({ ...request, idempotencyKey: `${id}-${index}`, onBusy: 'wait' });
      jobs.push(accepted.job);
    }
    await meddle?.(driver, jobs);
    await driver.drive();
    return Promise.all(jobs.map((job) => driver.job(job.id)));
  }

  /** One life up to step `fatal`, then another to the end. */
  async function run(scenario: Scenario, fatal?: number): Promise<{ steps: readonly string[]; effects: number }> {
    const id = `c${kind.name[0]}${(number += 1)}`;
    // Each run has names of its own, and searching what all the others asked would take longer than its life does.
    outside.emulator.journal.clear();
    await scenario.prepare(outside, id);
    const allowed = { resettable: [`default/${id}`], resettableGraphs: [`default/${graphOf(id)}`] };
    const lifetime = new Lifetime(fatal);
    const first = new Driver(outside, { lifetime, ...allowed });
    const died = await Promise.race([live(first, scenario, id).then(() => undefined), lifetime.death]);
    const at = `${fatal}: ${died ?? 'no crash'}`;
    if (fatal !== undefined) expect(died, `step ${fatal} was not reached`).toBeDefined();
    const atCrash = await everyJob(id);
    const initiatedBefore = first.effects('initiate-reset', `db-cluster/${id}`);
    const second = new Driver(outside, allowed);
    const jobs = await live(second, scenario, id);

    expect(jobs, at).toHaveLength(scenario.requests(id).length);
    expect(await everyJob(id), at).toHaveLength(jobs.length);
    const tried = atCrash.some(({ phase }) => phase === 'settle');
    let effects = 0;
    for (const [effect, resource] of Object.entries(scenario.effects(id)) as [string, string][]) {
      const made = second.effects(effect, resource);
      if (scenario.orNone === undefined || !tried) expect(made, `${effect} at ${at}`).toBe(1);
      else expect(made, `${effect} at ${at}`).toBeLessThanOrEqual(1);
      effects += made;
    }
    if (atCrash.some(({ intent }) => intent !== undefined)) {
      expect(second.effects('initiate-reset', `db-cluster/${id}`), at).toBe(initiatedBefore);
    }
    for (const [index, job] of jobs.entries()) {
      if (scenario.orNone !== undefined && effects === 0) {
        expect(job.outcome, at).toMatchObject({ state: 'failed', code: scenario.orNone, changed: 'unknown' });
      } else {
        expect(job.outcome?.state, at).toBe(scenario.states[index]);
        const changes = Object.keys(scenario.effects(id)).length > 0;
        expect(changes ? [true, 'unknown'] : [false], at).toContain(job.outcome?.changed);
      }
      const events = second.events(job.id);
      expect(events.length, `events at ${at}`).toBeGreaterThanOrEqual(1);
      expect(new Set(events.map(({ body }) => body)).size, `bodies at ${at}`).toBe(1);
      expect(events[0], at).toMatchObject({ id: job.id, type: `neptune-ops.job.${job.state}` });
      expect(job.event, at).toBe('sent');
      const { records } = await outside.store.read([
        keyOf.turn(job.resource),
        keyOf.request(job.request),
        keyOf.cancel(job.id),
      ]);
      expect(records, `left behind at ${at}`).toEqual([undefined, undefined, undefined]);
    }
    for (const index of [indexOf.due, indexOf.events, indexOf.cancels]) {
      expect(await outside.store.count(index), `${index} at ${at}`).toBe(0);
    }
    first.close();
    second.close();
    return { steps: lifetime.steps, effects };
  }

  async function everyJob(id: string): Promise<AnyJob[]> {
    const { records } = await outside.store.page<JobRecord>(indexOf.jobs, { order: 'newest', limit: 10 });
    return records.map(({ value }) => value).filter(({ resource }) => resource.endsWith(id));
  }

  it.each(scenarios)('$name', async (scenario) => {
    const { steps } = await run(scenario);
    expect(steps.length).toBeGreaterThan(10);
    let none = 0;
    // Where it dies is not the store's business: here and there on the one that costs most, everywhere in the long tests.
    const apart = kind.name === 'embedded' && process.env['EVERY_CRASH'] === undefined ? 3 : 1;
    for (let fatal = 1; fatal <= steps.length; fatal += apart) {
      none += (await run(scenario, fatal)).effects === 0 ? 1 : 0;
    }
    // Only between the written intent and the request itself: after the commit, before the lock, before the request.
    if (scenario.orNone !== undefined) expect(none).toBe(3 / apart);
  });
});
