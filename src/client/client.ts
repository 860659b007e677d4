// What a client can do, whichever way it reaches the service. All methods reject with a `NeptuneOpsError`, or with the
// signal's reason once it is aborted.
import type { OperationName } from '../handlers/index.ts';
import type { JsonObject } from '../operation.ts';
import type { NeptuneOpsError } from './errors.ts';
import type { EndedJob, InputOf, Job, JobFilter, JobPage, JobRef } from './job.ts';

export interface EnqueueOptions {
  /** The named place to work in. Default `default`. */
  readonly target?: string | undefined;
  /** What to do while another job changes the resource. Default `refuse`: code `resource-busy`, with its `holder`. */
  readonly onBusy?: 'refuse' | 'wait' | undefined;
  /** The job ends by then; a text is ISO 8601 with its zone. Default: as the operation declares. */
  readonly deadline?: Date | string | undefined;
  /**
   * Equal requests under one key give the same job, however often they are made. Left out: a new key for this call,
   * which makes its retries safe; a call made anew by you is a new request.
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
  /** Called with the job as it is, every two seconds or so. */
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
  /** IAM actions it takes. */
  readonly actions: readonly string[];
  /** JSON Schema of the input. */
  readonly input: JsonObject;
  readonly example: JsonObject;
}

export interface Client {
  /** The job, new or joined: an equal request that still runs is the same job. Refusals have stable codes. */
  enqueue<Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
    options?: EnqueueOptions,
  ): Promise<Job<Name>>;
  /** The job as it is now. Code `job-not-found`. */
  get<Name extends OperationName = OperationName>(job: JobRef<Name>): Promise<Job<Name>>;
  /** The job once it has ended, however it did: look at `state`. Codes `job-not-found`, `wait-timed-out`. */
  waitFor<Name extends OperationName = OperationName>(
    job: JobRef<Name>,
    options?: WaitOptions,
  ): Promise<EndedJob<Name>>;
  /** Wishes that it ends; a worker ends it, so the answer may still be running. Code `already-ended`. */
  cancel<Name extends OperationName = OperationName>(job: JobRef<Name>): Promise<Job<Name>>;
  /** Every job that fits, newest first, page by page as it is read. */
  jobs<Name extends OperationName = OperationName>(filter?: JobFilter<Name>): AsyncIterable<Job<Name>>;
  /** One page of them. `limit` is 1 to 100, 20 when left out; `cursor` is the `nextCursor` of the page before. */
  page<Name extends OperationName = OperationName>(
    filter?: JobFilter<Name> & { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  ): Promise<JobPage<Name>>;
  /** What can be asked for. */
  operations(): Promise<readonly OperationDescription[]>;
}

/** All pages, one after the other. */
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
