// The client that uses the service's Redis directly. It creates jobs through the same `enqueue`, and loads all
// operations.
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

/** Must be the same as the service's own settings. */
export interface StoreConnection {
  readonly redisUrl: string;
  /** The names of the service's targets. Default: only `default`. */
  readonly targets?: readonly string[] | undefined;
  /** As NEPTUNE_OPS_RESETTABLE_CLUSTERS: `target/identifier`. The worker also checks its own list. Default: none. */
  readonly resettable?: readonly string[] | undefined;
  /** How long it retries while Redis can't be reached; milliseconds. Default `30000`. */
  readonly retryForMs?: number | undefined;
  /** How long Redis may take to answer one command; milliseconds. Default 5,000. */
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

/** Safe, because the operation of this name validated the record's input with the schema of the type. */
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

/**
 * Turns errors into a `NeptuneOpsError`. A driver's error has the password in its properties, so only its message is
 * kept.
 */
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
    // A bug of ours must not look like an outage.
    if (error instanceof TypeError || error instanceof NeptuneOpsError) throw error;
    throw new NeptuneOpsError('store-unreachable', (error as Error).message, { status: 503 });
  }
}
