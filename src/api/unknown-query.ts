// Refuses a query where a route reads none: if it were ignored, `?target=default` would put a hold on everything. The
// OpenAPI document says which routes read a query, and where else a parameter belongs.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { JsonSchema } from './openapi/openapi-schemas.ts';
import { notRight } from './query.ts';

interface Documented {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: { readonly properties?: JsonSchema } } };
  };
}

/** For routes added later. Routes that read a query check it themselves. */
export function refuseUnknownQueries(server: FastifyInstance, document: JsonSchema): void {
  const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Documented>>>>;
  server.addHook('preHandler', async ({ method, routeOptions, query }: FastifyRequest) => {
    const given = Object.keys(query as object);
    if (given.length === 0 || !routeOptions.url?.startsWith('/v1/')) return;
    const path = routeOptions.url.replace(/:(\w+)/g, '{$1}');
    const documented = paths[path]?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
    if (documented === undefined || documented.parameters?.some((parameter) => parameter.in === 'query')) return;
    throw notRight(
      'query',
      given.map((name) => ({ path: name, rule: `${placeOf(name, documented)}; this request takes no parameters` })),
    );
  });
}

function placeOf(name: string, { parameters = [], requestBody }: Documented): string {
  const fields = requestBody?.content['application/json'].schema.properties ?? {};
  if (Object.hasOwn(fields, name)) return 'belongs in the body';
  const isHeader = parameters.some((parameter) => parameter.name.toLowerCase() === name.toLowerCase());
  return isHeader ? 'belongs in a header' : 'there is no such parameter';
}
