// Visits of one job after another by a clock that only the visits turn, with the real SDK clients against the stand-ins.
// No queue: what a visit answers decides when the next one is.
import { vi } from 'vitest';
import { type Aws, createAws } from '../../src/aws/clients.ts';
import { operationOf } from '../../src/handlers/index.ts';
import { type TurnableClock, createTurnableClock } from '../../emulator/clock.ts';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import type { Storage } from '../../src/queue/storage.ts';
import { type JobRecord, readJob } from '../../src/records/job.ts';
import type { Dependencies } from '../../src/workers/visit-context.ts';
import { type Visited, visitJob } from '../../src/workers/lifecycle.ts';
import { idleStorage } from '../support/idle-storage.ts';
import { type Interceptor, startInterceptor } from '../support/interceptor.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { silent } from '../support/storages.ts';

export interface Bench extends Emulator {
  readonly clock: TurnableClock;
  readonly storage: Storage;
  readonly aws: Aws;
  /** In front of the management API, the graph API, and the data plane of the cluster `test-1`. */
  readonly between: { readonly neptune: Interceptor; readonly graph: Interceptor; readonly data: Interceptor };
  /** The graphs that may be emptied, as `target/id`. */
  readonly resettableGraphs: Set<string>;
  /** Told of trouble with credentials. */
  readonly credentials: string[];
  accept(operation: string, input: object): Promise<JobRecord>;
  /** Turns the clock to the time the job is due, and visits it. */
  visit(id: string): Promise<Visited>;
  /** Visits until the job has ended. Throws when it doesn't within 500 visits. */
  toTheEnd(id: string): Promise<JobRecord>;
  job(id: string): Promise<JobRecord>;
}

export async function startBench(): Promise<Bench> {
  const clock = createTurnableClock(Date.parse('2026-11-20T10:00:00.250Z'));
  const emulator = await startEmulator({ clock });
  const [neptune, graph, data] = await Promise.all([
    startInterceptor(() => Number(new URL(emulator.endpoints.neptune).port)),
    startInterceptor(() => Number(new URL(emulator.endpoints.graph).port)),
    startInterceptor(() => dataPort),
  ]);
  let dataPort = 0;
  const cluster = await emulator.account.addCluster({ identifier: 'test-1' });
  dataPort = cluster.port;
  cluster.port = data.port;
  for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_ENDPOINT_URL_NEPTUNE', neptune.url);
  vi.stubEnv('AWS_ENDPOINT_URL_NEPTUNE_GRAPH', graph.url);
  const aws = createAws({ name: 'default', region: 'eu-west-1' }, { dataPlaneScheme: 'http' });
  const storage = idleStorage(createMemoryStore(clock.now));

  const credentials: string[] = [];
  const resettableGraphs = new Set<string>();
  const policy = { target: 'default', resettable: new Set(['default/test-1']), resettableGraphs };
  const door = { targets: [{ name: 'default', region: 'eu-west-1' }], ...policy };
  const deps: Dependencies = {
    store: storage.store,
    operationOf,
    awsOf: () => aws,
    policyOf: () => policy,
    bounds: {},
    events: false,
    log: silent,
    random: () => 0.5,
    stopwatch: () => 0,
    onCredentials: (_target, message) => void credentials.push(message),
  };
  const job = async (id: string): Promise<JobRecord> => {
    const { job: stored } = await readJob(storage.store, id);
    if (stored === undefined) throw new Error(`there is no job ${id}`);
    return stored.value;
  };
  const visit = async (id: string): Promise<Visited> => {
    const known = await job(id);
    if (known.phase !== 'over') clock.advance(Math.max(0, known.dueAt - clock.now()));
    const visited = await visitJob(deps, id, { holds: async () => true, stalls: 0 });
    if (visited === 'gone') throw new Error(`there is no job ${id}`);
    return visited;
  };
  return {
    ...emulator,
    clock,
    storage,
    aws,
    between: { neptune, graph, data },
    resettableGraphs,
    credentials,
    accept: async (operation, input) => (await enqueue(storage, door, { operation, input })).job,
    visit,
    job,
    async toTheEnd(id) {
      for (let visits = 0; visits < 500; visits += 1) {
        const visited = await visit(id);
        if (visited.job.phase === 'over') return visited.job;
      }
      throw new Error(`job ${id} did not end: ${JSON.stringify(await job(id))}`);
    },
    async close() {
      aws.close();
      await Promise.all([neptune, graph, data].map((one) => one.close()));
      await emulator.close();
      vi.unstubAllEnvs();
    },
  };
}
