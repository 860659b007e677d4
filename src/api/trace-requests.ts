// Opens a span for each API request, below the caller's own when it sends a `traceparent`. It holds the route, never
// addresses or bodies.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SpanKind, fail, isTracing, openSpan, within } from '../tracing/trace.ts';

const untraced = ['/healthz', '/readyz', '/metrics'];

/** Call it before routes are added. Does nothing while tracing is off. */
export function traceRequests(server: FastifyInstance): void {
  if (!isTracing()) return;
  const open = new WeakMap<FastifyRequest, NonNullable<ReturnType<typeof openSpan>>>();
  server.addHook('onRequest', async (request) => {
    const { method, routeOptions, headers } = request;
    const route = routeOptions.url;
    if (route !== undefined && untraced.includes(route)) return;
    const given = headers['traceparent'];
    const opened = openSpan({
      name: route === undefined ? method : `${method} ${route}`,
      kind: SpanKind.SERVER,
      attributes: { 'http.request.method': method, ...(route === undefined ? {} : { 'http.route': route }) },
      parent: typeof given === 'string' ? given : undefined,
    });
    if (opened) open.set(request, opened);
  });
  // Right before the handler, because reading the body loses the context.
  server.addHook('preHandler', (request, _reply, done) => {
    const opened = open.get(request);
    if (opened) within(opened.below, done);
    else done();
  });
  server.addHook('onResponse', async (request, { statusCode }) => {
    const span = open.get(request)?.span;
    if (span === undefined) return;
    span.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) fail(span, String(statusCode));
    span.end();
  });
}
