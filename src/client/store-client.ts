// The client for who runs beside the service: straight to its Redis, through the same only way in. Brings the whole
// registry with it.
import { randomUUID } from 'node:crypto';
import { describe } from '../api/jobs/operation-routes.ts';
import { ServiceError } from '../errors.ts';
import { type OperationName, operations } from '../handlers/index.ts';
import { createLog } from '../log.ts';
import type { Operation } from '../operation.ts';
import { requestCancel } from '../queue/cancel.ts';
import { enqueue } from '../queue/enqueue.ts';
import type { RequestRules } from '../queue/request.ts';
import { type Storage, openStorage } from '../queue/storage.ts';
import { jobJson } from '../records/job-json.ts';
import { listJobs } from '../records/job-list.ts';
import { type JobRecord, readJob } from '../records/job.ts';
import { type Client, type EnqueueOptions, type OperationDescription, allPages } from './client.ts';
import { NeptuneOpsError } from './errors.ts';
import { type InputOf, type Job, type JobPage, type JobRef, idOf, isoInstant } from './job.ts';
import { retry } from './retry.ts';
import { untilEnded } from './wait.ts';

/** What the service itself is told by its settings, told to the client as well: they must be the same. */
export interface StoreConnection {
  readonly redisUrl: string;
  /** The names of the service's targets. Default: only `default`. */
  readonly targets?: readonly string[] | undefined;
  /** As NEPTUNE_OPS_RESETTABLE_CLUSTERS: `target/identifier`. The worker asks its own list once more. Default: none. */
  readonly resettable?: readonly string[] | undefined;
  /** How long is tried again while Redis can't be reached, in milliseconds. Default `30000`. */
  readonly retryForMs?: number | undefined;
  /** How long Redis may take to answer one command; milliseconds, 5,000 when left out. */
  readonly redisTimeoutMs?: number | undefined;
}

export interface StoreClient extends Client {
  /** Ends the connection, within about two seconds. */
  close(): Promise<void>;
}

/** Rejects with `store-unreachable` when Redis can't be reached. */
export async function openStoreClient(connection: StoreConnection): Promise<StoreClient> {
  const { redisUrl, redisTimeoutMs, targets = ['default'], resettable = [], retryForMs: forMs = 30_000 } = connection;
  const rules: RequestRules = {
    targets: targets.map((name) => ({ name, region: '' })),
    resettable: new Set(resettable.map((entry) => entry.toLowerCase())),
  };
  const storage = await inItsWords(() =>
    openStorage({ redisUrl, redisTimeoutMs, dataDir: '', log: createLog('silent') }),
  );
  const ask = <Answer>(deed: () => Promise<Answer>, signal?: AbortSignal) =>
    retry(() => inItsWords(deed, signal), { forMs, signal });

  const page: Client['page'] = async <Name extends OperationName>({
    limit = 20,
    cursor,
    since,
    until,
    ...filter
  }: Parameters<Client['page']>[0] = {}) => {
    const times = { since: milliseconds(since), until: milliseconds(until) };
    const { jobs, next } = await ask(() => listJobs(storage.store, { ...filter, ...times }, limit, cursor));
    return { jobs: jobs.map((job) => typed<Name>(job)), nextCursor: next ?? null } satisfies JobPage<Name>;
  };
  const get = async <Name extends OperationName>(ref: JobRef<Name>, signal?: AbortSignal) =>
    typed<Name>(await ask(() => find(storage, idOf(ref)), signal));

  async function enqueueInto<Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
    { idempotencyKey = randomUUID(), deadline, signal, ...more }: EnqueueOptions = {},
  ): Promise<Job<Name>> {
    const request = {
      operation,
      input,
      by: 'store',
      idempotencyKey,
      deadline: deadline && isoInstant(deadline),
      ...more,
    };
    return typed<Name>((await ask(() => enqueue(storage, rules, request), signal)).job);
  }

  return {
    enqueue: enqueueInto,
    waitFor: (ref, options = {}) =>
      untilEnded(idOf(ref), options, forMs, async (_waitSeconds, signal) => ({
        job: await get(ref, signal),
        waited: false,
      })),
    get: (ref) => get(ref),
    cancel: async <Name extends OperationName>(ref: JobRef<Name>) =>
      typed<Name>(await ask(() => requestCancel(storage, idOf(ref)))),
    jobs: (filter) => allPages(page, filter),
    page,
    operations: async () =>
      Object.values(operations).map(
        (operation) => describe(operation as unknown as Operation) as unknown as OperationDescription,
      ),
    close: () => storage.close(),
  };
}

/** The record was made by the operation of this name, from the schema that the type comes from. */
function typed<Name extends OperationName>(job: JobRecord): Job<Name> {
  return jobJson(job) as unknown as Job<Name>;
}

function milliseconds(time: Date | string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const parsed = Date.parse(isoInstant(time));
  if (Number.isNaN(parsed)) throw new NeptuneOpsError('invalid-request', `${String(time)} is no date and time.`);
  return parsed;
}

async function find({ store }: Storage, id: string): Promise<JobRecord> {
  const { job } = await readJob(store, id);
  if (job === undefined) throw new ServiceError('job-not-found', `There is no job ${id}, or it is no longer kept.`);
  return job.value;
}

/** What goes wrong, as a `NeptuneOpsError`. A driver's error has the password among its properties: only its message stays. */
async function inItsWords<Answer>(deed: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
  signal?.throwIfAborted();
  try {
    return await deed();
  } catch (error) {
    if (error instanceof ServiceError) {
      const { code, message, status, details } = error;
      const holder = typeof details.holder === 'string' ? details.holder : undefined;
      throw new NeptuneOpsError(code, message, { status, errors: details.errors, holder });
    }
    // A mistake of ours must not look like an outage.
    if (error instanceof TypeError || error instanceof NeptuneOpsError) throw error;
    throw new NeptuneOpsError('store-unreachable', (error as Error).message, { status: 503 });
  }
}
