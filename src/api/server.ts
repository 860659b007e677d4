// The API server: its plugins, its routes, and its errors as problem documents.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { type Config, boardIsOn } from '../config.ts';
import { ServiceError } from '../errors.ts';
import type { Scraped } from '../metrics/service-metrics.ts';
import type { DryRun } from '../queue/dry-run.ts';
import { JobWatch } from '../queue/job-watch.ts';
import type { Storage } from '../queue/storage.ts';
import type { WatchedPlan } from '../schedules/file/watched-plan.ts';
import { authenticate } from './auth/authentication.ts';
import { leadWithBasePath, withoutBasePath } from './base-path.ts';
import { healthRoutes } from './health-routes.ts';
import { holdRoutes } from './jobs/hold-routes.ts';
import { jobRoutes } from './jobs/job-routes.ts';
import { keepOnRoutes } from './schedules/keep-on-routes.ts';
import { type KeyRing, fixedKeys, keysFromFile, parseKeys } from './auth/api-keys.ts';
import { openApiDocument } from './openapi/openapi.ts';
import { measureRequests, metricsRoutes } from './metrics-routes.ts';
import { operationRoutes } from './jobs/operation-routes.ts';
import { largestBody, problem, readJson, serviceErrorOf } from './problem.ts';
import { savingsRoutes } from './schedules/savings-routes.ts';
import { scheduleRoutes } from './schedules/schedule-routes.ts';
import { schedulesPageRoutes } from './pages/schedules-page-routes.ts';
import { sessionRoutes } from './auth/session-routes.ts';
import { readQueries } from './query.ts';
import { traceRequests } from './trace-requests.ts';
import { version } from '../version.ts';

export interface ApiServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Makes a server and opens it on the configured address. Rejects when the port is taken. */
export async function startApiServer(...parts: Parameters<typeof createServer>): Promise<ApiServer> {
  const [config] = parts;
  const server = createServer(...parts);
  const url = await listen(server, { host: config.HOST, port: config.PORT }, 'PORT');
  return {
    url,
    async close() {
      await server.close();
    },
  };
}

/** Returns the address. Rejects when the port is taken, and names its setting. */
export function listen(
  server: FastifyInstance,
  place: { readonly host: string; readonly port: number },
  setting: string,
): Promise<string> {
  return server.listen(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    const message = `Port ${place.port} of ${place.host} is taken, perhaps by another neptune-ops: end that one, or set ${setting}.`;
    throw new Error(message, { cause: error });
  });
}

/**
 * `schedules`: the file of schedules, where one is configured. `metrics`: where they are wanted. `ending`: aborted once the
 * service is about to end, while it still answers.
 */
export function createServer(
  config: Config,
  storage: Storage,
  log: Logger,
  dryRun: DryRun,
  schedules?: WatchedPlan,
  metrics?: Scraped,
  ending?: AbortSignal,
): FastifyInstance {
  const { NEPTUNE_OPS_BASE_PATH: basePath, trustedProxies } = config;
  const keys = keyRing(config, log);
  const watch = new JobWatch(storage.store);
  const refuse = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const refusal = serviceErrorOf(error);
    if (refusal.status >= 500) log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
    return reply.status(refusal.status).type('application/problem+json').send(problem(refusal));
  };
  const server = Fastify({
    // Errors before routing: an address that can't be decoded, or is too long.
    frameworkErrors: (error, request, reply) => void refuse(error, request as FastifyRequest, reply as FastifyReply),
    bodyLimit: largestBody,
    // Requests under way are answered; idle connections are closed.
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 200 },
    // Input is checked by the operations' own schemas; Fastify's two compilers would be loaded for nothing.
    schemaController: { compilersFactory: { buildValidator: unused, buildSerializer: unused } },
    rewriteUrl: (request) => withoutBasePath(request, basePath),
    ...(trustedProxies.length > 0 ? { trustProxy: [...trustedProxies] } : {}),
  });
  server.removeContentTypeParser('text/plain');
  readJson(server);
  leadWithBasePath(server, basePath);
  server.setErrorHandler(refuse);
  server.setNotFoundHandler((request) => {
    throw new ServiceError('unknown-route', `There is nothing at ${request.method} ${request.url.split('?')[0]}.`);
  });
  let closes = false;
  server.addHook('preClose', async () => {
    closes = true;
    watch.close();
  });
  // A kept connection would delay a closing service.
  server.addHook('onSend', async (_request, reply) => {
    if (closes || ending?.aborted) reply.header('connection', 'close');
  });
  server.addHook('onRequest', (request, reply, done) => secure(request.raw, reply.raw, done as () => void));
  if (metrics) measureRequests(server, metrics);
  traceRequests(server);
  authenticate(server, { store: storage.store, keys, requestsPerMinute: config.NEPTUNE_OPS_REQUESTS_PER_MINUTE, log });
  const document = openApiDocument(version, basePath);
  void server.register(swagger, { mode: 'static', specification: { document: document as never } });
  void server.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: basePath,
    uiConfig: { layout: 'BaseLayout' },
    theme: { title: 'neptune-ops' },
  });
  // After the plugins, which must see every route.
  void server.register(async (routes) => {
    readQueries(routes, document);
    operationRoutes(routes, config, storage, dryRun);
    jobRoutes(routes, config, storage, watch);
    holdRoutes(routes, config, storage);
    scheduleRoutes(routes, storage, schedules);
    keepOnRoutes(routes, config, storage, schedules);
    savingsRoutes(routes, storage.store, schedules);
    schedulesPageRoutes(routes, { config, storage, watched: schedules, signIn: keys !== undefined });
    healthRoutes(routes, { config, storage, schedules, ending });
    if (metrics) metricsRoutes(routes, metrics);
    // Anybody may ask for it, and making it takes some milliseconds.
    const text = JSON.stringify(document);
    routes.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(text));
  });
  if (keys) {
    const place = { store: storage.store, keys, board: boardIsOn(config) };
    void server.register(async (routes) => sessionRoutes(routes, place));
  }
  if (boardIsOn(config)) {
    void server.register(async (routes) => {
      // Loaded only when it is on, because it loads a second copy of BullMQ.
      const { mountBoard } = await import('./board/board.ts');
      mountBoard(routes, { config, storage, log, signIn: keys !== undefined });
    });
  }
  return server;
}

/** No route has a schema for Fastify to compile. */
function unused(): never {
  throw new Error('Routes check their input themselves: their schema must have no part that Fastify compiles.');
}

/** Nothing is loaded from other hosts. The page of the API documents sets inline styles. */
const contentPolicy = {
  defaultSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  formAction: ["'self'"],
  baseUri: ["'self'"],
  frameAncestors: ["'none'"],
  objectSrc: ["'none'"],
};

/** Made once, because making it takes longer than setting the headers. */
const secure = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: contentPolicy },
  hsts: false,
  // With no referrer at all, the service couldn't see which page sent a form either.
  referrerPolicy: { policy: 'same-origin' },
});

/** The keys from the settings; `undefined` where no keys are configured. Throws an `Error` when they are broken. */
export function keyRing(config: Config, log: Logger): KeyRing | undefined {
  const { NEPTUNE_OPS_API_KEYS: list, NEPTUNE_OPS_API_KEYS_FILE: file } = config;
  const onTrouble = (reason: string) =>
    log.error({ reason }, 'the file of API keys can not be used; the last good keys stay in force');
  try {
    if (file !== undefined) return keysFromFile(file, onTrouble);
    if (list !== undefined) return fixedKeys(parseKeys(list));
  } catch (error) {
    throw new Error(
      `NEPTUNE_OPS_API_KEYS${file === undefined ? '' : '_FILE'} is not right: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  log.warn('No API keys are configured: the API is on loopback only, and every caller may do anything.');
  return undefined;
}
