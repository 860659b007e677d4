// The service's figures for Prometheus, and the measuring of requests. Whoever reads them learns how much is done in all
// targets together, which is why it takes a scope of its own; never which resources there are.
import type { FastifyInstance } from 'fastify';
import type { Scraped } from '../metrics/service-metrics.ts';
import { demandScope } from './auth/authorization.ts';

export function metricsRoutes(server: FastifyInstance, metrics: Scraped): void {
  server.get('/metrics', async (request, reply) => {
    demandScope(request, 'metrics');
    return reply.type(metrics.contentType).send(await metrics.scrape());
  });
}

/** On the server itself, before its routes: also what is turned away is measured. */
export function measureRequests(server: FastifyInstance, metrics: Scraped): void {
  server.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    metrics.request(method, routeOptions.url ?? '', reply.statusCode, reply.elapsedTime);
  });
}
