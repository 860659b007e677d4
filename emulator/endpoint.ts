// The way of every request to any of the four APIs: understood, checked, carried out, answered, written down.
// It never waits for the simulated world, only for a latency that a switch asked for or a long poll.
import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Readable, pipeline } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import { type EmulatedApi, usualFault } from './api-errors.ts';
import type { Journal, RequestRecord } from './journal.ts';
import { ApiRefusal, refusal } from './refusal.ts';
import { findSignatureFault } from './signature.ts';
import type { Cut, Switches } from './switches.ts';

/** A request as it came. */
export interface Arrival {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What an action may know of the request that it serves. */
export interface RequestContext {
  requestId: string;
  /** The time as of which a read of this resource answers: now, or earlier where a switch made it stale. */
  asOf(resource: string): number;
  /** Whether the caller has given up. */
  isGone(): boolean;
}

/** A request understood. */
export interface ApiCall {
  action: string;
  resource?: string | undefined;
  instance?: string | undefined;
  input: Readonly<Record<string, unknown>>;
  perform(request: RequestContext): unknown;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** How one API speaks: from bytes to a call, and from an answer or a refusal to bytes. */
export interface Wire {
  api: EmulatedApi;
  read(arrival: Arrival): ApiCall;
  answer(call: ApiCall, output: unknown, requestId: string): Reply;
  refuse(refusal: ApiRefusal, requestId: string): Reply;
  /** False: nobody is at home, every connection is cut. */
  isReachable?(): boolean;
  /** False: unsigned requests are accepted. */
  needsSignature?(): boolean;
}

/** What all endpoints of one set of stand-ins share. */
export interface Shared {
  clock: Clock;
  journal: Journal;
  switches: Switches;
}

type Ending = Reply | 'drop' | 'hang' | { readonly flood: number };

async function serve(
  wire: Wire,
  shared: Shared,
  arrival: Arrival,
  isGone: () => boolean,
  record: RequestRecord,
): Promise<Ending> {
  const { clock, switches } = shared;
  const { api } = wire;
  const { requestId } = record;
  const end = (outcome: string | number, ending: Ending): Ending => {
    record.outcome = outcome;
    return ending;
  };
  const cutShort = (cut: Cut): Ending => {
    if (cut === 'drop') return end('dropped', 'drop');
    if (cut === 'hang') return end('hung', 'hang');
    if ('flood' in cut) return end('flooded', cut);
    return end(cut.code, wire.refuse(cut, requestId));
  };
  try {
    if (wire.isReachable?.() === false) return end('unreachable', 'drop');
    const fault = wire.needsSignature?.() === false ? undefined : findSignatureFault(api, arrival.headers);
    if (fault !== undefined) return cutShort(fault);
    const call = wire.read(arrival);
    record.action = call.action;
    record.input = call.input;
    if (call.resource !== undefined) record.resource = call.resource;
    if (call.instance !== undefined) record.instance = call.instance;
    const [, accessKeyId] = /Credential=([^/]+)\//.exec(arrival.headers.authorization ?? '') ?? [];
    const subject = { api, action: call.action, resource: call.resource, accessKeyId };

    const delay = switches.delayOf(subject);
    if (delay > 0) await sleep(delay);
    const before = switches.cutOf(subject, 'before');
    if (before !== undefined) return cutShort(before);
    const asOf = (resource: string) => clock.now() - switches.stalenessOf({ api, action: call.action, resource });
    const output = await call.perform({ requestId, asOf, isGone });
    const next = switches.nextPageOf(subject);
    if (next !== undefined) Object.assign(output ?? {}, { [api === 'neptune' ? 'Marker' : 'nextToken']: next });
    const after = switches.cutOf(subject, 'after');
    if (after !== undefined) return cutShort(after);
    const reply = wire.answer(call, output, requestId);
    return end(reply.status, reply);
  } catch (error) {
    if (error instanceof ApiRefusal) return cutShort(error);
    process.stderr.write(`stand-in ${api}: ${error instanceof Error ? error.stack : String(error)}\n`);
    return cutShort(refusal(api, usualFault[api].internal, String(error)));
  }
}

function arrivalOf(request: IncomingMessage, body: string): Arrival {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  return { method: request.method ?? 'GET', path, query: new URLSearchParams(query), headers: request.headers, body };
}

function settle(ending: Ending, request: IncomingMessage, response: ServerResponse): void {
  if (ending === 'drop') request.socket.destroy();
  else if (ending !== 'hang' && 'flood' in ending) flood(ending.flood, response);
  else if (ending !== 'hang' && !request.socket.destroyed) {
    response.writeHead(ending.status, { ...ending.headers, 'content-length': Buffer.byteLength(ending.body) });
    response.end(ending.body);
  }
}

function flood(bytes: number, response: ServerResponse): void {
  const chunk = Buffer.alloc(1_048_576, ' ');
  const chunks = function* () {
    for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
  };
  response.writeHead(200, { 'content-type': 'text/xml' });
  // Whoever asked may go away in the middle.
  pipeline(Readable.from(chunks()), response, () => undefined);
}

/** A server, not yet listening, for one API. Ending it is `closeAllConnections` and `close`. */
export function createEndpoint(wire: Wire, shared: Shared): Server {
  // A stand-in cuts a connection only when told to, so no time-out of the server's own may do it.
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const record = shared.journal.arrived(wire.api, randomUUID());
      void serve(wire, shared, arrivalOf(request, body), () => request.socket.destroyed, record).then((ending) =>
        settle(ending, request, response),
      );
    });
  });
  return server;
}
