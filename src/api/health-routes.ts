// The routes /healthz and /readyz.
import type { FastifyInstance } from 'fastify';
import { type HealthSettings, alive, readiness } from '../health.ts';

export function healthRoutes(server: FastifyInstance, settings: HealthSettings): void {
  for (const [path, answer] of [
    ['/healthz', alive],
    ['/readyz', () => readiness(settings)],
  ] as const) {
    // Not limited: another client behind the same proxy could use up the probes' limit.
    server.get(path, { config: { rateLimit: false } }, async (_request, reply) => {
      const { status, body } = await answer();
      return reply.status(status).send(body);
    });
  }
}
