// The route /metrics, and the measuring of requests. It needs its own scope, because its totals cover all targets. It
// never names resources.
import type { FastifyInstance } from 'fastify';
import type { Scraped } from '../metrics/service-metrics.ts';
import { demandScope } from './auth/authorization.ts';

export function metricsRoutes(server: FastifyInstance, metrics: Scraped): void {
  server.get('/metrics', async (request, reply) => {
    demandScope(request, 'metrics');
    return reply.type(metrics.contentType).send(await metrics.scrape());
  });
}

/** Added to the server before its routes, so that refused requests are measured too. */
export function measureRequests(server: FastifyInstance, metrics: Scraped): void {
  server.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    metrics.request(method, routeOptions.url ?? '', reply.statusCode, reply.elapsedTime);
  });
}
