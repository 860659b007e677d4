// Routes that read and cancel jobs and send a refused event again.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { ServiceError } from '../../errors.ts';
import { sendAgain } from '../../queue/announce.ts';
import { requestCancel } from '../../queue/cancel.ts';
import type { JobWatch } from '../../queue/job-watch.ts';
import type { Storage } from '../../queue/storage.ts';
import { listJobs } from '../../records/job-list.ts';
import { type JobRecord, isEnded, jobStates, readJob } from '../../records/job.ts';
import { demandScope, seesJob } from '../auth/authorization.ts';
import { jobAnswer } from './job-answer.ts';
import { JobStreams } from './job-stream.ts';
import { listCursors } from './list-cursor.ts';
import { WaitLimits } from './wait-limits.ts';

const instant = z.iso
  .datetime({ offset: true, error: 'a date and time with its zone, as ISO 8601 writes it' })
  .transform((text) => Date.parse(text));

/** Refuses characters that a store can't hold: the embedded one refuses NUL. */
const plain = z.string().regex(/^[\x20-\x7e]{1,300}$/, 'printable ASCII characters');

export const listQuery = z.strictObject({
  operation: plain.optional(),
  state: z.enum(jobStates, `one of ${jobStates.join(', ')}`).optional(),
  resource: plain.optional(),
  by: plain.optional().describe('Who asked: key:<id>, session:<key id>, schedule:<name>, loopback or store.'),
  since: instant.optional(),
  until: instant.optional(),
  limit: z.coerce
    .number('a whole number')
    .int('a whole number')
    .min(1, 'at least 1')
    .max(100, 'at most 100')
    .default(20),
  cursor: z
    .string()
    .regex(/^(c1[\w-]{40,400}|\d{13}job\/[\x20-\x7e]{1,200})$/, 'the nextCursor of an earlier answer')
    .optional(),
});

type JobRequest = FastifyRequest<{ Params: { id: string } }>;

/** The longest wait for `Prefer: wait`, in seconds. */
const longestWait = 60;

export function jobRoutes(server: FastifyInstance, config: Config, storage: Storage, watch: JobWatch): void {
  const { basePath } = server;
  const limits = new WaitLimits(config);
  const streams = new JobStreams(storage.store, watch, limits);
  const cursors = listCursors(storage.store);
  const find = async (request: JobRequest): Promise<JobRecord> => {
    const { id } = request.params;
    request.audited.job = id;
    const { job } = await readJob(storage.store, id);
    if (job === undefined || !seesJob(request, job.value)) {
      throw new ServiceError('job-not-found', `There is no job ${id}, or it is no longer kept.`);
    }
    Object.assign(request.audited, {
      operation: job.value.operation,
      target: job.value.target,
      resource: job.value.resource,
      by: job.value.by,
    });
    return job.value;
  };

  server.get('/v1/jobs/:id', async (request: JobRequest, reply) => {
    demandScope(request, 'read');
    void reply.header('vary', 'prefer');
    let job = await find(request);
    const wait = waitOf(request, reply);
    if (wait > 0 && !isEnded(job)) {
      const leave = limits.enter(request, reply);
      await watch.ended(job.id, wait * 1_000, goneSignal(reply)).finally(leave);
      job = await find(request);
    }
    return jobAnswer(job, basePath);
  });

  server.get('/v1/jobs/:id/events', async (request: JobRequest, reply) => {
    demandScope(request, 'read');
    return streams.stream(await find(request), request, reply);
  });

  type List = { Querystring: z.output<typeof listQuery> };
  server.get<List>('/v1/jobs', { config: { query: listQuery } }, async (request) => {
    demandScope(request, 'read');
    const { limit, cursor, ...filter } = request.query;
    const from = cursor === undefined ? undefined : await cursors.open(cursor);
    const { jobs, next } = await listJobs(storage.store, filter, limit, from, (job) => seesJob(request, job));
    const nextCursor = next === undefined ? null : await cursors.seal(next);
    return { jobs: jobs.map((job) => jobAnswer(job, basePath)), nextCursor };
  });

  server.delete('/v1/jobs/:id', async (request: JobRequest, reply) => {
    demandScope(request, 'cancel');
    await find(request);
    const job = await requestCancel(storage, request.params.id);
    return reply.status(202).send(jobAnswer(job, basePath));
  });

  server.post('/v1/jobs/:id/event', async (request: JobRequest, reply) => {
    demandScope(request, 'events');
    await find(request);
    const job = await sendAgain(storage, request.params.id);
    return reply.status(202).send(jobAnswer(job, basePath));
  });
}

/** The seconds in `Prefer: wait=N` (RFC 7240), which the answer confirms. Other preferences are ignored. */
function waitOf(request: FastifyRequest, reply: FastifyReply): number {
  const wished = /(?:^|[,;]\s*)wait\s*=\s*"?(\d{1,9})"?/i.exec(String(request.headers['prefer'] ?? ''))?.[1];
  if (wished === undefined) return 0;
  const wait = Math.min(Number(wished), longestWait);
  void reply.header('preference-applied', `wait=${wait}`);
  return wait;
}

/** Aborts when the caller has closed the connection. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  if (reply.raw.destroyed) gone.abort();
  return gone.signal;
}
