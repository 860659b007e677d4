// The board at /board: Bull Board on the service's queues, limited to reading and three actions. No request that
// changes a queue reaches Bull Board, and the page loads nothing from other hosts.
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import { ServiceError } from '../../errors.ts';
import type { Storage } from '../../queue/storage.ts';
import { demandAll, demandScope, may } from '../auth/authorization.ts';
import { cancelJob, lookAtJob, retryJob } from './board-actions.ts';
import { boardConfig, boardStyle, boardTexts, ownPage, withNextLook, wordsFile } from './board-appearance.ts';
import { type BoardQueue, boardQueues } from './board-queues.ts';
import { boardRoute } from './board-routes.ts';
import { demandSameOrigin } from '../auth/browser.ts';
import { linkTo } from '../jobs/job-answer.ts';
import { problem, serviceErrorOf } from '../problem.ts';

interface BoardPlace {
  readonly config: Config;
  readonly storage: Storage;
  readonly log: Logger;
  /** Whether people sign in, so that the page offers to sign out. */
  readonly signIn: boolean;
}

/** As the routes know it; callers may find it behind a path. */
const prefix = '/board';
/** The limit of jobs per page of a listing. */
const mostListed = 100;
const acts = { cancel: cancelJob, retry: retryJob, 'look-now': lookAtJob } as const;

export function mountBoard(server: FastifyInstance, place: BoardPlace): void {
  const { config, storage, log, signIn } = place;
  const { basePath } = server;
  const base = basePath + prefix;
  const queues = boardQueues(config);
  const adapter = new FastifyAdapter().setBasePath(base);
  createBullBoard({
    queues: queues.map((queue) => adapterOf(storage, queue, basePath)),
    serverAdapter: adapter,
    options: { uiConfig: boardConfig(signIn, basePath) },
  });
  // The page shows `error` and `message`; programs read `code` and `detail`.
  adapter.setErrorHandler((error) => {
    const refusal = serviceErrorOf(error as never);
    if (refusal.status >= 500) log.error({ err: error }, 'a request of the board failed');
    const body = problem(refusal);
    return { status: refusal.status as 500, body: { ...body, error: String(body['title']), message: refusal.message } };
  });

  const words = boardTexts();
  const meaningOf = ({ method, routeOptions: { url = '' } }: FastifyRequest) =>
    boardRoute(method, url.slice(prefix.length) || '/');

  server.addHook('onRequest', async (request) => {
    demandScope(request, 'read');
    // A queue's contents can't be filtered by resource: a caller sees all of it or nothing.
    demandAll(request);
    const meaning = meaningOf(request);
    if (meaning === 'reading') return checkListing(request.query as Listing);
    // Also without keys, because any web page can make a browser on this machine send requests.
    if (request.headers.authorization === undefined) demandSameOrigin(request);
    if (meaning === 'refused') {
      throw new ServiceError(
        'board-refused',
        'The board can only cancel jobs (remove), repeat them (retry) and look at them now (promote).',
      );
    }
  });

  server.addHook('preHandler', async (request: FastifyRequest, reply: FastifyReply) => {
    const meaning = meaningOf(request);
    if (meaning === 'reading' && (request.params as { '*'?: string })['*'] === wordsFile) return reply.send(words);
    if (meaning === 'reading' || meaning === 'refused') return;
    const { queueName, jobId } = request.params as { queueName: string; jobId: string };
    if (!queues.some(({ name, work }) => work && name === queueName)) {
      throw new ServiceError('board-refused', `Nothing can be changed in ${queueName}.`);
    }
    await acts[meaning](request, place, jobId);
    return reply.status(204).send();
  });

  server.addHook('preSerialization', async (request, reply, payload: object | null) => {
    if (isProblem(payload)) void reply.type('application/problem+json');
    const { queues: listed, job } = (payload ?? {}) as Shown;
    if (job) return { ...payload, job: withNextLook(job) };
    if (!listed) return payload;
    const offered = mayOnlyRead(request) ? readOnly : {};
    return { ...payload, queues: listed.map((one) => ({ ...one, ...offered, jobs: one.jobs.map(withNextLook) })) };
  });

  server.addHook('onSend', async (_request, reply, payload) => {
    const page = typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html');
    return page ? ownPage(payload, base) : payload;
  });

  server.get(`${prefix}/own.css`, (_request, reply) => reply.type('text/css; charset=utf-8').send(boardStyle));
  void server.register(adapter.registerPlugin(), { prefix });
}

function adapterOf(storage: Storage, { name, description, work, nameOf }: BoardQueue, basePath: string): BullMQAdapter {
  const adapter = new BullMQAdapter(storage.queue(name), {
    description,
    delimiter: '.',
    readOnlyMode: !work,
    ...(work
      ? { externalJobUrl: ({ id }) => ({ displayText: 'JSON', href: linkTo({ id: String(id) }, basePath) }) }
      : {}),
  });
  adapter.setFormatter('name', nameOf);
  return adapter;
}

interface Listing {
  readonly activeQueue?: unknown;
  readonly jobsPerPage?: unknown;
}

/**
 * Bull Board checks the other parameters. But it would list a whole queue at once, and reports a malformed name as an
 * internal error.
 */
function checkListing({ activeQueue = '', jobsPerPage = 0 }: Listing): void {
  if (Number(jobsPerPage) > mostListed) {
    throw new ServiceError('invalid-request', `jobsPerPage is at most ${mostListed}.`);
  }
  try {
    decodeURIComponent(String(activeQueue));
  } catch {
    throw new ServiceError('invalid-request', 'activeQueue can’t be decoded.');
  }
}

const readOnly = { readOnlyMode: true, allowRetries: false, allowCompletedRetries: false };

/** Whether the caller may do none of the three actions, so that the page hides them. */
function mayOnlyRead(request: FastifyRequest): boolean {
  return !may(request, ({ scopes }) => scopes.some((scope) => scope === 'cancel' || scope.startsWith('operation:')));
}

/** Bull Board's answer about jobs: a queue's listing, or one job. */
interface Shown {
  readonly queues?: readonly { readonly jobs: readonly Parameters<typeof withNextLook>[0][] }[];
  readonly job?: Parameters<typeof withNextLook>[0];
}

function isProblem(payload: unknown): boolean {
  return String((payload as { type?: unknown } | null)?.type).startsWith('urn:neptune-ops:error:');
}
