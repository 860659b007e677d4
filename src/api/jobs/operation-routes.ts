// Routes that list operations and create jobs.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { ServiceError } from '../../errors.ts';
import { operations } from '../../handlers/index.ts';
import { type Operation, actionsOf } from '../../operation.ts';
import { enqueue } from '../../queue/enqueue.ts';
import { type EnqueueRequest, checkRequest, deadlineOf, findOperation } from '../../queue/request.ts';
import type { DryRun } from '../../queue/dry-run.ts';
import type { Storage } from '../../queue/storage.ts';
import { askerOf, demandOperation, demandReach } from '../auth/authorization.ts';
import { jobAnswer, linkTo } from './job-answer.ts';

const flag = z.enum(['', 'true', 'false'], 'true or false').transform((text) => text !== 'false');

const misplaced = 'there is no such parameter; fields of the input belong in the body';

export const enqueueQuery = z.strictObject(
  {
    target: z.string().optional().describe('A configured target. Default: default.'),
    'on-busy': z
      .enum(['refuse', 'wait'], 'refuse or wait')
      .optional()
      .describe('What to do while another job changes the resource. Default: refuse.'),
    deadline: z.string().optional().describe('ISO 8601: the job ends by then. Default: the operation’s own.'),
    'dry-run': flag.optional().describe('Only look, and say what a job would do; store nothing.'),
  },
  { error: ({ code }) => (code === 'unrecognized_keys' ? misplaced : undefined) },
);

interface Enqueue {
  Params: { operation: string };
  Querystring: z.output<typeof enqueueQuery>;
}

export function operationRoutes(server: FastifyInstance, config: Config, storage: Storage, dryRun: DryRun): void {
  const { basePath } = server;
  server.post<Enqueue>('/v1/operations/:operation', { config: { query: enqueueQuery } }, async (request, reply) => {
    const wish = wishOf(request);
    if (request.query['dry-run']) {
      const checked = checkRequest(config, wish);
      deadlineOf(wish.deadline, (await storage.store.read([])).at, checked.operation);
      return reply.send(await dryRun(checked));
    }
    const { how, job } = await enqueue(storage, config, wish);
    Object.assign(request.audited, { job: job.id, by: job.by });
    return reply
      .status(how === 'created' ? 202 : 200)
      .header('location', linkTo(job, basePath))
      .send(jobAnswer(job, basePath));
  });

  // Made once: the schemas take milliseconds.
  const described = Object.values(operations).map((operation) => describe(operation as unknown as Operation, basePath));
  server.get('/v1/operations', () => ({ operations: described }));

  server.get<{ Params: { operation: string } }>('/v1/operations/:operation', (request) => {
    const { name } = findOperation(request.params.operation);
    return described.find((each) => each.name === name);
  });
}

function wishOf(request: FastifyRequest<Enqueue>): EnqueueRequest {
  const { query } = request;
  const key = request.headers['idempotency-key'];
  if (Array.isArray(key)) throw new ServiceError('invalid-request', 'Send one Idempotency-Key.');
  request.audited.operation = request.params.operation;
  return {
    operation: request.params.operation,
    input: request.body,
    target: query.target,
    onBusy: query['on-busy'],
    deadline: query.deadline,
    idempotencyKey: key,
    owner: request.caller.id,
    by: askerOf(request.caller),
    allow(operation, target, resource) {
      Object.assign(request.audited, { target, resource });
      demandOperation(request, operation);
      demandReach(request, target, resource);
    },
  };
}

/** What a caller needs to know about an operation, from its declaration. */
export function describe(operation: Operation, basePath = '') {
  return {
    name: operation.name,
    summary: operation.summary,
    kind: operation.kind,
    api: operation.api,
    destructive: operation.destructive,
    deadlineSeconds: operation.timing.deadline / 1_000,
    actions: actionsOf(operation),
    states: operation.states,
    input: z.toJSONSchema(operation.input, { io: 'input' }),
    example: operation.example,
    links: { enqueue: `${basePath}/v1/operations/${operation.name}` },
  };
}
