// Serves the API below a path of another host. Requests may have the path or not; answers always have it.
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** The path under which callers reach the service, like `/neptune`; empty if there is none. */
    basePath: string;
  }
}

/** The path for the routes, of a request that may have the base path in front. */
export function withoutBasePath({ url = '' }: { readonly url?: string | undefined }, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest.startsWith('/')) return rest;
  return rest === '' || rest.startsWith('?') ? `/${rest}` : url;
}

/** Adds the base path to every `Location`, those of plugins included. Call it before anything that answers. */
export function leadWithBasePath(server: FastifyInstance, basePath: string): void {
  server.decorate('basePath', basePath);
  if (basePath === '') return;
  server.addHook('onSend', async (_request, reply) => {
    const location = reply.getHeader('location');
    if (typeof location !== 'string' || !location.startsWith('/') || location.startsWith(`${basePath}/`)) return;
    reply.header('location', basePath + location);
  });
}
