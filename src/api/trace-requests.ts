// A span for each request of the API, below the caller's own where it sends a `traceparent`. Neither addresses nor bodies go
// into it: only the route.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SpanKind, fail, isTracing, openSpan, within } from '../tracing/trace.ts';

const untraced = ['/healthz', '/readyz', '/metrics'];

/** Before its routes are made. Does nothing while tracing is off. */
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
  // Right before the handler: reading the body leaves every context.
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
