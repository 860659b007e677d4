// Neptune Analytics' control plane: REST with JSON.
import type { Arrival, ApiCall, Reply, Wire } from '../endpoint.ts';
import { checkMembers, validationFault } from './graph-constraints.ts';
import { type GraphState, type Input, type Route, routes } from './graph-routes.ts';
import { resourceName } from '../names.ts';
import { refusal } from '../refusal.ts';

const compiled = routes.map((route) => ({ ...route, segments: route.path.split('/') }));

function findRoute(method: string, path: string): { route: Route; labels: Record<string, string> } | undefined {
  const segments = path.split('/');
  for (const route of compiled) {
    if (route.method !== method || route.segments.length !== segments.length) continue;
    const labels: Record<string, string> = {};
    const isMatch = route.segments.every((expected, i) => {
      const given = segments[i] ?? '';
      if (!expected.startsWith('{')) return expected === given;
      labels[expected.slice(1, -1)] = decodeURIComponent(given);
      return true;
    });
    if (isMatch) return { route, labels };
  }
  return undefined;
}

function parseBody(body: string): Record<string, unknown> {
  if (body === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // not JSON: refused below
  }
  throw validationFault('The request body is not a JSON object.', 'BAD_REQUEST');
}

const resourceNames: readonly (readonly [member: string, name: (id: string) => string])[] = [
  ['taskIdentifier', resourceName.importTask],
  ['snapshotIdentifier', resourceName.graphSnapshot],
  ['graphIdentifier', resourceName.graph],
];

function resourceIn(input: Input): string | undefined {
  const named = resourceNames.find(([member]) => typeof input[member] === 'string');
  return named?.[1](String(input[named[0]]));
}

function json(status: number, requestId: string, body: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId, ...headers },
    body: JSON.stringify(body),
  };
}

/** The control plane of Neptune Analytics for this account. */
export function createGraphWire(state: GraphState): Wire {
  const successes = new Map(routes.map(({ action, status }) => [action, status ?? 200]));
  return {
    api: 'neptune-graph',
    read({ method, path, query, headers, body }: Arrival): ApiCall {
      const found = findRoute(method, path);
      if (found === undefined) {
        throw refusal('neptune-graph', 'UnknownOperationException', `No operation at ${method} ${path}`);
      }
      const { route, labels } = found;
      // Operations on a graph's data name the graph in a header.
      const { graphidentifier: graphIdentifier } = headers;
      const named = graphIdentifier === undefined ? {} : { graphIdentifier };
      const input = { ...parseBody(body), ...Object.fromEntries(query), ...named, ...labels };
      return {
        action: route.action,
        resource: resourceIn(input),
        input,
        perform(request) {
          checkMembers(input, route.required ?? []);
          return route.perform(state, input, request);
        },
      };
    },
    answer: ({ action }, output, requestId) => json(successes.get(action) ?? 200, requestId, output),
    refuse: ({ code, status, message, members }, requestId) =>
      json(status, requestId, { message, ...members }, { 'x-amzn-errortype': code }),
  };
}
