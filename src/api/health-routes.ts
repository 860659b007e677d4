// Whether the process lives, and whether the service can do its work.
import type { FastifyInstance } from 'fastify';
import { type HealthSettings, alive, readiness } from '../health.ts';

export function healthRoutes(server: FastifyInstance, settings: HealthSettings): void {
  for (const [path, answer] of [
    ['/healthz', alive],
    ['/readyz', () => readiness(settings)],
  ] as const) {
    // Not counted: whoever comes through the same proxy could use up what its probes may ask.
    server.get(path, { config: { rateLimit: false } }, async (_request, reply) => {
      const { status, body } = await answer();
      return reply.status(status).send(body);
    });
  }
}
