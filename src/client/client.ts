// The client's interface, over HTTP or directly to Redis. All methods reject with a `NeptuneOpsError`, or with the
// signal's reason once it is aborted.
import type { OperationName } from '../handlers/index.ts';
import type { JsonObject } from '../operation.ts';
import type { NeptuneOpsError } from './errors.ts';
import type { EndedJob, InputOf, Job, JobFilter, JobPage, JobRef } from './job.ts';

export interface EnqueueOptions {
  /** The name of the target to work in. Default `default`. */
  readonly target?: string | undefined;
  /** What to do while another job changes the resource. Default `refuse`: code `resource-busy`, with its `holder`. */
  readonly onBusy?: 'refuse' | 'wait' | undefined;
  /** The job ends by then. A text is ISO 8601 with its zone. Default: the operation's own. */
  readonly deadline?: Date | string | undefined;
  /**
   * Equal requests with the same key give the same job. Default: a new key for each call, so that retries inside the
   * call are safe; a second call is a new request.
   */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WaitOptions {
  /**
   * After this many milliseconds it rejects with the code `wait-timed-out`; the job goes on. Until then it outlasts restarts of
   * the service and whatever cuts connections on the way. Default: never, unless the service doesn't answer from the beginning.
   */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the job about every two seconds. */
  readonly onProgress?: ((job: Job) => void) | undefined;
  /** Called with what the wait outlasts, each time it meets it. */
  readonly onTrouble?: ((error: NeptuneOpsError) => void) | undefined;
}

/** An operation as `GET /v1/operations` describes it. */
export interface OperationDescription {
  readonly name: string;
  readonly summary: string;
  readonly kind: 'watch' | 'converge' | 'launch';
  readonly api: string;
  readonly destructive: 'no' | 'interrupts' | 'erases';
  readonly deadlineSeconds: number;
  /** The IAM actions that it needs. */
  readonly actions: readonly string[];
  /** JSON Schema of the input. */
  readonly input: JsonObject;
  readonly example: JsonObject;
}

export interface Client {
  /** Creates a job, or joins one: an equal request that still runs is the same job. Refusals have stable codes. */
  enqueue<Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
    options?: EnqueueOptions,
  ): Promise<Job<Name>>;
  /** The job as it is now. Code `job-not-found`. */
  get<Name extends OperationName = OperationName>(job: JobRef<Name>): Promise<Job<Name>>;
  /** The job once it has ended; `state` says how. Codes `job-not-found`, `wait-timed-out`. */
  waitFor<Name extends OperationName = OperationName>(
    job: JobRef<Name>,
    options?: WaitOptions,
  ): Promise<EndedJob<Name>>;
  /** Asks for cancellation. A worker ends the job, so the answer may still be running. Code `already-ended`. */
  cancel<Name extends OperationName = OperationName>(job: JobRef<Name>): Promise<Job<Name>>;
  /** All jobs that fit the filter, newest first. Pages are read as needed. */
  jobs<Name extends OperationName = OperationName>(filter?: JobFilter<Name>): AsyncIterable<Job<Name>>;
  /** One page of jobs. `limit` is 1 to 100, default 20. `cursor` is the `nextCursor` of the page before. */
  page<Name extends OperationName = OperationName>(
    filter?: JobFilter<Name> & { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  ): Promise<JobPage<Name>>;
  /** All operations. */
  operations(): Promise<readonly OperationDescription[]>;
}

/** All jobs of all pages. */
export async function* allPages<Name extends OperationName>(
  page: Client['page'],
  filter: JobFilter<Name> = {},
): AsyncGenerator<Job<Name>, void> {
  let cursor: string | undefined;
  do {
    const { jobs, nextCursor } = await page({ ...filter, limit: 100, cursor });
    yield* jobs;
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
}
