// A server for worker processes: metrics and health, and nothing that changes anything. It requires keys where the API
// does.
import Fastify, { type FastifyError } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { ServiceError } from '../errors.ts';
import type { Scraped } from '../metrics/service-metrics.ts';
import type { Storage } from '../queue/storage.ts';
import type { WatchedPlan } from '../schedules/file/watched-plan.ts';
import { type ApiServer, keyRing, listen } from './server.ts';
import { authenticate } from './auth/authentication.ts';
import { healthRoutes } from './health-routes.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { problem, serviceErrorOf } from './problem.ts';

/** Opens it on the configured port. Rejects when the port is taken. */
export async function startMetricsServer(
  config: Config,
  port: number,
  {
    storage,
    log,
    metrics,
    schedules,
    ending,
  }: {
    readonly storage: Storage;
    readonly log: Logger;
    readonly metrics: Scraped;
    readonly schedules: WatchedPlan | undefined;
    readonly ending?: AbortSignal;
  },
): Promise<ApiServer> {
  const server = Fastify({ forceCloseConnections: true, requestTimeout: 30_000 });
  server.setErrorHandler((error: FastifyError, _request, reply) => {
    const refusal = serviceErrorOf(error);
    return reply.status(refusal.status).type('application/problem+json').send(problem(refusal));
  });
  server.setNotFoundHandler(() => {
    throw new ServiceError('unknown-route', 'A worker answers at /metrics, /healthz and /readyz only.');
  });
  const requestsPerMinute = config.NEPTUNE_OPS_REQUESTS_PER_MINUTE;
  authenticate(server, { store: storage.store, keys: keyRing(config, log), requestsPerMinute, log });
  // After the rate limit plugin, which must see every route.
  void server.register(async (routes) => {
    healthRoutes(routes, { config, storage, schedules, ending });
    metricsRoutes(routes, metrics);
  });
  const url = await listen(server, { host: config.HOST, port }, 'NEPTUNE_OPS_METRICS_PORT');
  return { url, close: () => server.close() };
}
