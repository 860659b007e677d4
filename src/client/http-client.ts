// The client over HTTP. It imports only types of the service, so it loads nothing else.
import { randomUUID } from 'node:crypto';
import type { OperationName } from '../handlers/index.ts';
import { type Client, type EnqueueOptions, type OperationDescription, type WaitOptions, allPages } from './client.ts';
import { type EndedJob, type InputOf, type Job, type JobPage, type JobRef, idOf, isoInstant } from './job.ts';
import { type Connection, createTransport, defaultRetryForMs } from './transport.ts';
import { untilEnded } from './wait.ts';

/** How much longer than asked the service may hold an answer back; milliseconds. */
const grace = 15_000;

/** A client of the service at `url`. It sends nothing yet. Throws `invalid-settings`. */
export function connect(connection: Connection): Client {
  const call = createTransport(connection);
  const { retryForMs = defaultRetryForMs } = connection;
  const pathOf = (job: JobRef) => `/v1/jobs/${encodeURIComponent(idOf(job))}`;

  async function enqueue<Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
    { target, onBusy, deadline, idempotencyKey = randomUUID(), signal }: EnqueueOptions = {},
  ): Promise<Job<Name>> {
    const answer = await call<Job<Name>>('POST', `/v1/operations/${encodeURIComponent(operation)}`, {
      query: { target, 'on-busy': onBusy, deadline: deadline && isoInstant(deadline) },
      headers: { 'idempotency-key': idempotencyKey },
      body: input,
      signal,
    });
    return answer.body;
  }

  async function waitFor<Name extends OperationName>(
    job: JobRef<Name>,
    options: WaitOptions = {},
  ): Promise<EndedJob<Name>> {
    return untilEnded<Name>(idOf(job), options, retryForMs, async (waitSeconds, signal) => {
      const { body, headers } = await call<Job<Name>>('GET', pathOf(job), {
        headers: waitSeconds > 0 ? { prefer: `wait=${waitSeconds}` } : {},
        signal,
        answerWithinMs: waitSeconds * 1_000 + grace,
        retryForMs: 0,
      });
      return { job: body, waited: headers.has('preference-applied') };
    });
  }

  const page: Client['page'] = async <Name extends OperationName>({
    since,
    until,
    ...filter
  }: Parameters<Client['page']>[0] = {}) => {
    const query = { ...filter, since: since && isoInstant(since), until: until && isoInstant(until) };
    return (await call<JobPage<Name>>('GET', '/v1/jobs', { query })).body;
  };

  return {
    enqueue,
    waitFor,
    page,
    jobs: (filter) => allPages(page, filter),
    get: async <Name extends OperationName>(job: JobRef<Name>) => (await call<Job<Name>>('GET', pathOf(job))).body,
    cancel: async <Name extends OperationName>(job: JobRef<Name>) =>
      (await call<Job<Name>>('DELETE', pathOf(job))).body,
    operations: async () =>
      (await call<{ operations: OperationDescription[] }>('GET', '/v1/operations')).body.operations,
  };
}
