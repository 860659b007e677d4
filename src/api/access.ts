// Who asks, and whether they may. Everything but health, the documents and signing in takes a key, or a session that was
// opened with one; with no keys configured the service is on loopback only, and whoever reaches it may do anything.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { ServiceError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import type { JobRecord } from '../records/job.ts';
import type { Store } from '../records/store.ts';
import { demandSameOrigin, isLoopback, refuseOtherSites, sessionCookie, signInFirst, wantsPage } from './browser.ts';
import { type ApiKey, type KeyRing, fits } from './keys.ts';
import { keyOfSession } from './session.ts';

/** Somebody who asks: a key's owner, or anybody on loopback. */
export interface Caller {
  /** For the audit log, and to keep different callers' idempotency keys apart. */
  readonly id: string;
  readonly name: string;
  readonly key: ApiKey | undefined;
  /** It is a browser, known by its cookie. */
  readonly session?: true;
}

/** What the audit line says beside who, from where and the result. */
export interface Audited {
  operation?: string;
  target?: string;
  resource?: string;
  job?: string;
  retryOf?: string;
  code?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
    audited: Audited;
  }
}

const open = ['/healthz', '/readyz', '/openapi.json', '/docs', '/sign-in', '/sign-in.css', '/sign-out'];
const reading = ['GET', 'HEAD', 'OPTIONS'];
const anybody: Caller = { id: 'loopback', name: 'anybody on loopback', key: undefined };
/** Where there are keys: somebody who has shown none, and may do nothing. */
const nobody: Caller = { id: 'nobody', name: 'nobody', key: undefined };

/** Asks every request for its key or session, and writes an audit line for every request that changes something or is turned away. */
export function guard(server: FastifyInstance, store: Store, keys: KeyRing | undefined, log: Logger): void {
  server.decorateRequest('caller');
  server.decorateRequest('audited');
  server.addHook('onRequest', async (request, reply) => {
    request.caller = keys === undefined ? anybody : nobody;
    request.audited = {};
    if (keys === undefined) {
      // A name of somebody else's that was made to lead here would let any web page ask.
      if (!isLoopback(request)) {
        throw new ServiceError(
          'forbidden',
          'Without API keys the service answers under loopback names only, like http://127.0.0.1:3000.',
        );
      }
      // Browsers ask first before they send JSON, but not before they send nothing.
      if (!reading.includes(request.method)) refuseOtherSites(request);
      return;
    }
    if (isOpen(request.url)) return;
    const caller = await callerOf(request, store, keys);
    if (caller === undefined) {
      if (wantsPage(request) && request.headers.authorization === undefined) {
        return reply.redirect(signInFirst(request), 303);
      }
      throw new ServiceError(
        'unauthorized',
        'Send a valid API key: Authorization: Bearer <key>. Make one with: neptune-ops keys create',
      );
    }
    request.caller = caller;
    // A browser sends its cookie for whatever page makes it ask.
    if (caller.session && !reading.includes(request.method)) demandSameOrigin(request);
  });
  server.addHook('onResponse', async (request, reply) => {
    const turnedAway = [401, 403, 429].includes(reply.statusCode);
    if (!turnedAway && reading.includes(request.method)) return;
    const { caller, audited, ip, method, routeOptions } = request;
    log.info(
      {
        who: caller?.id,
        name: caller?.name,
        ...(caller?.session ? { via: 'session' } : {}),
        from: ip,
        method,
        route: routeOptions.url,
        ...audited,
        status: reply.statusCode,
      },
      'audit',
    );
  });
}

/** Whose key or session it is; a key, where one is sent, is all that counts. */
async function callerOf(request: FastifyRequest, store: Store, keys: KeyRing): Promise<Caller | undefined> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [scheme = '', presented = ''] = authorization.split(' ');
    const key = scheme.toLowerCase() === 'bearer' ? keys.find(presented) : undefined;
    return key && { id: key.id, name: key.name, key };
  }
  const session = sessionCookie(request);
  const key = session === undefined ? undefined : await keyOfSession(store, keys, session);
  return key && { id: key.id, name: key.name, key, session: true };
}

function isOpen(url: string): boolean {
  const path = url.split('?')[0] ?? '';
  return open.includes(path) || path.startsWith('/docs/');
}

/** Throws `forbidden` unless the caller has the scope. */
export function demandScope({ caller }: FastifyRequest, scope: string): void {
  if (caller.key !== undefined && !caller.key.scopes.includes(scope)) {
    throw new ServiceError('forbidden', `This key may not do that: it takes the scope ${scope}.`);
  }
}

/** Throws `forbidden` unless the caller may run the operation. What erases is never implied by `operation:*`. */
export function demandOperation({ caller }: FastifyRequest, operation: Pick<Operation, 'name' | 'destructive'>): void {
  const scopes = caller.key?.scopes;
  const scope = `operation:${operation.name}`;
  if (scopes === undefined || scopes.includes(scope)) return;
  if (operation.destructive !== 'erases' && scopes.includes('operation:*')) return;
  throw new ServiceError('forbidden', `This key may not run ${operation.name}: it takes the scope ${scope}.`);
}

/** Throws `forbidden` unless the caller's key reaches the resource (named with its target). */
export function demandReach(request: FastifyRequest, target: string, resource: string): void {
  if (!reaches(request.caller, target, resource)) {
    throw new ServiceError('forbidden', `This key does not reach ${resource}.`);
  }
}

/** Throws `forbidden` unless the caller's key reaches every target and resource there is. */
export function demandAll({ caller: { key } }: FastifyRequest): void {
  if (key === undefined || (key.targets.includes('*') && key.resources.includes('*'))) return;
  throw new ServiceError('forbidden', 'This key does not reach all targets.');
}

/** Whether the caller may know of this job at all. */
export function seesJob(
  { caller }: FastifyRequest,
  { target, resource }: Pick<JobRecord, 'target' | 'resource'>,
): boolean {
  return reaches(caller, target, resource);
}

function reaches({ key }: Caller, target: string, resource: string): boolean {
  if (key === undefined) return true;
  const local = resource.startsWith(`${target}/`) ? resource.slice(target.length + 1) : resource;
  return fits(key.targets, target) && fits(key.resources, local);
}
