// The service behind a path of somebody else's host: it is asked with that path or without it, and leads with it.
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** The path that callers find the service under, like `/neptune`; empty where there is none. */
    basePath: string;
  }
}

/** The path that the routes know, of a request that may have the base path before it. */
export function withoutBasePath({ url = '' }: { readonly url?: string | undefined }, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest.startsWith('/')) return rest;
  return rest === '' || rest.startsWith('?') ? `/${rest}` : url;
}

/** Every `Location` is a path of the service; those of the plugins too. Before all that answers. */
export function leadWithBasePath(server: FastifyInstance, basePath: string): void {
  server.decorate('basePath', basePath);
  if (basePath === '') return;
  server.addHook('onSend', async (_request, reply) => {
    const location = reply.getHeader('location');
    if (typeof location !== 'string' || !location.startsWith('/') || location.startsWith(`${basePath}/`)) return;
    reply.header('location', basePath + location);
  });
}
