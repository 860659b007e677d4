// Finds out who makes a request. Everything but health, the API documents and signing in needs a key, or a session that
// was opened with one. Without configured keys the service listens on loopback only, and every caller may do anything.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { ServiceError } from '../../errors.ts';
import type { Store } from '../../records/store.ts';
import { type Caller, anybody, holderOf, nobody } from './authorization.ts';
import {
  demandSameOrigin,
  asksForLoopback,
  refuseOtherSites,
  sessionCookie,
  signInFirst,
  wantsPage,
} from './browser.ts';
import type { KeyRing } from './api-keys.ts';
import { addressOf } from '../caller-address.ts';
import { limitRequests, sourceOf } from '../rate-limits.ts';
import { onceAMinute } from './once-a-minute.ts';
import { keyOfSession } from './session.ts';

/** What a route adds to the audit line, beside caller, address and result. */
interface Audited {
  operation?: string;
  target?: string;
  resource?: string;
  job?: string;
  /** Who asked for the job first. */
  by?: string;
  retryOf?: string;
  code?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
    /** The caller as of now: `nobody` once the key or session is no longer valid. */
    callerNow(): Promise<Caller>;
    audited: Audited;
  }
}

interface AuthenticationSettings {
  readonly store: Store;
  /** `undefined`: no keys are configured, and every caller may do anything. */
  readonly keys: KeyRing | undefined;
  /** The limit of requests per key. */
  readonly requestsPerMinute: number;
  readonly log: Logger;
}

const open = ['/healthz', '/readyz', '/openapi.json', '/docs', '/sign-in', '/sign-in.css', '/sign-out'];
const reading = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Asks every request for its key or session, and writes an audit line for every request that changes something or is turned away;
 * of those that come too often, one a minute for each key and address.
 */
export function authenticate(
  server: FastifyInstance,
  { store, keys, requestsPerMinute, log }: AuthenticationSettings,
): void {
  server.decorateRequest('caller');
  server.decorateRequest('audited');
  server.decorateRequest('callerNow', async function (this: FastifyRequest) {
    return keys === undefined ? anybody : callerOf(this, store, keys);
  });
  if (keys === undefined) server.addHook('onRequest', async (request) => admitFromHere(request));
  else {
    const countStranger = limitRequests(server, requestsPerMinute);
    server.addHook('onRequest', async (request, reply) => {
      request.caller = nobody;
      request.audited = {};
      if (isOpen(request.url)) return;
      request.caller = await callerOf(request, store, keys);
      if (request.caller.kind === 'stranger') {
        if (wantsPage(request) && request.headers.authorization === undefined) {
          // A made-up cookie costs a read of the store, so it is counted.
          if (sessionCookie(request) !== undefined) await countStranger(request, reply);
          return reply.redirect(signInFirst(request), 303);
        }
        await countStranger(request, reply);
        throw new ServiceError(
          'unauthorized',
          'Send a valid API key: Authorization: Bearer <key>. Make one with: neptune-ops keys create',
        );
      }
      // A browser sends its cookie with requests that any page makes.
      if (isSession(request.caller) && !reading.includes(request.method)) demandSameOrigin(request);
    });
  }
  // RFC 9110: a 401 names the way to authenticate.
  server.addHook('onSend', async (_request, reply) => {
    if (reply.statusCode === 401) reply.header('www-authenticate', 'Bearer realm="neptune-ops"');
  });
  const limited = onceAMinute();
  server.addHook('onResponse', async (request, reply) => {
    const turnedAway = [401, 403, 429].includes(reply.statusCode);
    if (!turnedAway && reading.includes(request.method)) return;
    const { caller, audited, method, routeOptions } = request;
    const isLimited = reply.statusCode === 429;
    const leftOut = isLimited ? limited(caller?.kind === 'key' ? caller.id : sourceOf(request)) : 0;
    if (leftOut === undefined) return;
    log.info(
      {
        who: caller?.id,
        name: caller?.name,
        ...(isSession(caller) ? { via: 'session' } : {}),
        from: addressOf(request),
        method,
        route: routeOptions.url,
        ...audited,
        status: reply.statusCode,
        ...(leftOut > 0 ? { leftOut } : {}),
      },
      'audit',
    );
  });
}

/**
 * For a service without keys. Throws `forbidden` or `cross-site` for requests that a foreign web page could have made a
 * browser send.
 */
function admitFromHere(request: FastifyRequest): void {
  request.caller = anybody;
  request.audited = {};
  // A foreign name that resolves to this machine would let any web page make requests.
  if (!asksForLoopback(request)) {
    throw new ServiceError(
      'forbidden',
      'Without API keys the service answers under loopback names only, like http://127.0.0.1:3000.',
    );
  }
  // Browsers ask for permission before they send JSON, but not before a request without a body.
  if (!reading.includes(request.method)) refuseOtherSites(request);
}

/** The caller by key or session. If a key is sent, only the key counts. */
async function callerOf(request: FastifyRequest, store: Store, keys: KeyRing): Promise<Caller> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [scheme = '', presented = ''] = authorization.split(' ');
    const key = scheme.toLowerCase() === 'bearer' ? keys.find(presented) : undefined;
    return key ? holderOf(key) : nobody;
  }
  const session = sessionCookie(request);
  const key = session === undefined ? undefined : await keyOfSession(store, keys, session);
  return key ? holderOf(key, true) : nobody;
}

function isSession(caller: Caller | undefined): boolean {
  return caller?.kind === 'key' && caller.session === true;
}

function isOpen(url: string): boolean {
  const path = url.split('?')[0] ?? '';
  return open.includes(path) || path.startsWith('/docs/');
}
