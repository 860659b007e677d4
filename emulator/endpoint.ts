// Handles every request to the four APIs: parse, validate, run, answer, record in the journal. It never waits for the
// simulated world, only for a latency rule or a long poll.
import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Readable, pipeline } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import { type EmulatedApi, usualFault } from './api-errors.ts';
import type { Journal, RequestRecord } from './journal.ts';
import { ApiRefusal, refusal } from './refusal.ts';
import { findSignatureFault } from './signature.ts';
import type { Cut, Switches } from './switches.ts';

/** A request as it arrived. */
export interface Arrival {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What an action can see of its request. */
export interface RequestContext {
  requestId: string;
  /** The time as of which a read of this resource answers: now, or earlier under a `stale` rule. */
  asOf(resource: string): number;
  /** Whether the caller has closed the connection. */
  isGone(): boolean;
}

/** A parsed request. */
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

/** An API's wire format: from bytes to a call, and from an answer or a refusal to bytes. */
export interface Wire {
  api: EmulatedApi;
  read(arrival: Arrival): ApiCall;
  answer(call: ApiCall, output: unknown, requestId: string): Reply;
  refuse(refusal: ApiRefusal, requestId: string): Reply;
  /** False: every connection is cut. */
  isReachable?(): boolean;
  /** False: unsigned requests are accepted. */
  needsSignature?(): boolean;
}

/** Shared by all endpoints of one emulator. */
interface Shared {
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
    if (delay > 0) await pause(delay);
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
    process.stderr.write(`emulator ${api}: ${error instanceof Error ? error.stack : String(error)}\n`);
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

/** A server for one API; it isn't listening yet. Close it with `closeAllConnections` and `close`. */
export function createEndpoint(wire: Wire, shared: Shared): Server {
  // Only rules may cut a connection, so the server's own time-outs are off.
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
