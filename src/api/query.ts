// A request's query, read once, and small bodies: checked like every other input, all offending fields at once. A query that
// a route doesn't know is refused too: passed over in silence, `?target=default` would put a hold on everything.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type FieldProblem, ServiceError, boundProblems } from '../errors.ts';
import { formatIssue } from '../format-issue.ts';
import type { JsonSchema } from './openapi/openapi-schemas.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a route under `/v1/` takes as its query; nothing when left out. */
    readonly query?: z.ZodObject;
  }
}

interface Documented {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: { readonly properties?: JsonSchema } } };
  };
}

/**
 * For the routes under `/v1/` that are made later: `request.query` becomes what the route's schema makes of it, or a
 * `ServiceError` names every field that is not right. The OpenAPI document knows where else a name belongs.
 */
export function readQueries(server: FastifyInstance, document: JsonSchema): void {
  const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Documented>>>>;
  server.addHook('preHandler', async (request: FastifyRequest) => {
    const { url, config } = request.routeOptions;
    if (!url?.startsWith('/v1/')) return;
    if (config.query) {
      request.query = read(config.query, request.query, 'query');
      return;
    }
    const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
    const documented = paths[url.replace(/:(\w+)/g, '{$1}')]?.[method] ?? {};
    const errors = Object.keys(request.query as object).map((name) => {
      return { path: name, rule: `${placeOf(name, documented)}; this request takes no parameters` };
    });
    if (errors.length > 0) throw notRight('query', errors);
  });
}

function placeOf(name: string, { parameters = [], requestBody }: Documented): string {
  const fields = requestBody?.content['application/json'].schema.properties ?? {};
  if (Object.hasOwn(fields, name)) return 'belongs in the body';
  const isHeader = parameters.some((parameter) => parameter.name.toLowerCase() === name.toLowerCase());
  return isHeader ? 'belongs in a header' : 'there is no such parameter';
}

/** The body by its schema. Throws a `ServiceError` that names every field that is not right. */
export function readBody<Schema extends z.ZodObject>(schema: Schema, given: unknown): z.output<Schema> {
  return read(schema, given, 'body');
}

function read<Schema extends z.ZodObject>(schema: Schema, given: unknown, what: 'query' | 'body'): z.output<Schema> {
  const error = (issue: z.core.$ZodRawIssue) => {
    if (what === 'body') return formatIssue(issue);
    if (issue.code === 'unrecognized_keys') {
      return `there is no such parameter; there are: ${Object.keys(schema.shape).join(', ')}`;
    }
    return Array.isArray(issue.input) ? 'is given more than once' : formatIssue(issue);
  };
  // Treats a missing body as an empty one, so that the error names the required fields.
  const parsed = schema.safeParse(given === undefined ? {} : given, { error });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: key, rule: issue.message }))
      : [{ path: issue.path.join('.') || `(the whole ${what})`, rule: issue.message }],
  );
  throw notRight(what, errors, given === undefined);
}

function notRight(what: 'query' | 'body', problems: readonly FieldProblem[], missing = false): ServiceError {
  const { errors, fields } = boundProblems(problems);
  const message = missing ? `There is no ${what}, and it needs ${fields}.` : `The ${what} is not right: ${fields}.`;
  return new ServiceError('invalid-request', message, { errors });
}
