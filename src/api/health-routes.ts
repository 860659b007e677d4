// Whether the process lives, and whether the service can do its work.
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import { notReady } from '../queue/readiness.ts';
import type { Storage } from '../queue/storage.ts';

export function healthRoutes(server: FastifyInstance, config: Config, storage: Storage): void {
  server.get('/healthz', () => ({ status: 'ok' }));

  server.get('/readyz', async (_request, reply) => {
    const reasons = await notReady(storage.store, config.targets).catch(() => ['The store can’t be reached.']);
    return reply
      .status(reasons.length === 0 ? 200 : 503)
      .send({ status: reasons.length === 0 ? 'ready' : 'not-ready', reasons });
  });
}
