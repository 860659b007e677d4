// A JSON API to control the emulator, for tests in other processes and for people: contents, past requests, faults to
// come. It isn't part of AWS and needs no signature.
import { createServer, type Server } from 'node:http';
import { isTurnable } from './clock.ts';
import type { ClusterSnapshotOptions } from './neptune/cluster-snapshots.ts';
import type { ClusterOptions } from './neptune/clusters.ts';
import type { GraphOptions, SnapshotOptions } from './graph/graphs.ts';
import type { ImportOptions } from './graph/imports.ts';
import type { Journal, RequestMatch } from './journal.ts';
import type { Durations } from './lifecycles.ts';
import type { Rule, Switches } from './switches.ts';
import type { Account } from './account.ts';

/** What the control API works on. */
interface Controls {
  account: Account;
  journal: Journal;
  switches: Switches;
  createQueue(name: string, given: { fifo?: boolean }): string;
}

type Body = Readonly<Record<string, unknown>>;
type Handler = (controls: Controls, body: Body, query: URLSearchParams, rest: string) => unknown;

// A test's input is trusted to fit the builder's options. The builders refuse wrong values.
const handlers: Readonly<Record<string, Handler>> = {
  'GET /health': () => ({ status: 'ok' }),
  'GET /world': ({ account }) => account.describe(),
  async 'POST /world/clusters'({ account }, body) {
    const { identifier, arn, port, instances } = await account.addCluster(body as unknown as ClusterOptions);
    return {
      identifier,
      arn,
      port,
      instances: instances.map((each) => ({ identifier: each.identifier, port: each.port })),
    };
  },
  'POST /world/cluster-snapshots'({ account }, body) {
    const { identifier, arn } = account.addClusterSnapshot(body as unknown as ClusterSnapshotOptions);
    return { identifier, arn };
  },
  'POST /world/graphs': ({ account }, body) => pickId(account.addGraph(body as unknown as GraphOptions)),
  'POST /world/snapshots': ({ account }, body) => pickId(account.addSnapshot(body as unknown as SnapshotOptions)),
  'POST /world/import-tasks': ({ account }, body) => pickId(account.addImportTask(body as unknown as ImportOptions)),
  'PATCH /world': ({ account }, body) => {
    const code = body['cancelRefusedWith'];
    if (code !== 'ConflictException' && code !== 'ValidationException') throw new Error(`a cancel isn't refused so`);
    account.cancelRefusedWith = code;
  },
  'PATCH /durations': ({ account }, body) => Object.assign(account.durations, body as Partial<Durations>),
  'POST /queues': ({ createQueue }, body) => ({
    url: createQueue(String(body['name']), { fifo: body['fifo'] === true }),
  }),
  'GET /journal': ({ journal }, _body, query) => {
    const { kind, resource, api, action } = Object.fromEntries(query);
    const match = { ...(resource && { resource }), ...(api && { api }), ...(action && { action }) } as RequestMatch;
    return { requests: journal.requests(match), effects: journal.effects(kind, resource) };
  },
  'DELETE /journal': ({ journal }) => journal.clear(),
  'GET /switches': ({ switches }) => switches.list(),
  'POST /switches': ({ switches }, body) => switches.add(body as unknown as Rule).rule,
  'DELETE /switches': ({ switches }) => switches.clear(),
  // `arguments` are those of the function with that name, e.g. ["dev-1", "backing-up", { "forMs": 500 }].
  'POST /outsider/': ({ account }, body, _query, change) => {
    const changes = account.outsider as unknown as Record<string, (...given: unknown[]) => unknown>;
    if (!Object.hasOwn(changes, change)) throw new Error(`an outsider can't ${change}`);
    return { result: changes[change]?.(...((body['arguments'] ?? []) as unknown[])) };
  },
  'POST /clock/advance': ({ account: { clock } }, body) => {
    if (!isTurnable(clock)) throw new Error('this clock runs by itself');
    clock.advance(Number(body['ms']));
    return { now: clock.now() };
  },
};

function pickId({ id }: { id: string }): { id: string } {
  return { id };
}

function findHandler(method: string, path: string): { handler: Handler; rest: string } | undefined {
  const exact = handlers[`${method} ${path}`];
  if (exact) return { handler: exact, rest: '' };
  const prefix = `${method} ${path.slice(0, path.lastIndexOf('/') + 1)}`;
  const handler = prefix.length > method.length + 2 ? handlers[prefix] : undefined;
  return handler && { handler, rest: path.slice(path.lastIndexOf('/') + 1) };
}

async function answer(controls: Controls, method: string, url: string, text: string): Promise<[number, unknown]> {
  const [path = '', query = ''] = url.split('?', 2);
  const found = findHandler(method, path);
  if (found === undefined) return [404, { error: `nothing at ${method} ${path}`, known: Object.keys(handlers) }];
  try {
    const body = text === '' ? {} : (JSON.parse(text) as Body);
    return [200, (await found.handler(controls, body, new URLSearchParams(query), found.rest)) ?? {}];
  } catch (error) {
    return [400, { error: error instanceof Error ? error.message : String(error) }];
  }
}

/** The control API's server; it isn't listening yet. */
export function createControlServer(controls: Controls): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      void answer(controls, request.method ?? 'GET', request.url ?? '/', text).then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
    });
  });
}
