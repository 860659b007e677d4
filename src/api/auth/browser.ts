// What is told of a browser's request: its session cookie, whether it wants a page, whether another site made it ask.
import { fastifyCookie } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../errors.ts';

const loopbackName = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Whether the service was asked for under a name of this machine. */
export function asksForLoopback({ headers }: FastifyRequest): boolean {
  return loopbackName.test(headers.host ?? '');
}

/**
 * Whether the browser is on this machine. The name that was asked for doesn't tell: most proxies ask under the name they know
 * the service by, which is one of this machine. Where a form was sent from does.
 */
function isLocalBrowser(request: FastifyRequest): boolean {
  const from = hostOf(request.headers.origin);
  return asksForLoopback(request) && (from === undefined || loopbackName.test(from));
}

/** Whether what the browser's form sent has come over plain http from another machine. */
export function isInTheClear(request: FastifyRequest): boolean {
  return request.headers.origin?.startsWith('http:') === true && !isLocalBrowser(request);
}

/** On loopback a cookie may go over plain http. */
const plainCookie = 'neptune-ops-session';

/** Everywhere else browsers keep and send it over https only. Under a path it isn't the whole host's, as `__Host-` has to be. */
function secureCookie({ server: { basePath } }: FastifyRequest): string {
  return `${basePath === '' ? '__Host-' : '__Secure-'}${plainCookie}`;
}

/** The id of the session that the browser says it has. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const cookies = fastifyCookie.parse(request.headers.cookie ?? '');
  return cookies[secureCookie(request)] || (asksForLoopback(request) && cookies[plainCookie]) || undefined;
}

/** The `Set-Cookie` that gives a browser its session for this many milliseconds, or takes it away (0). */
export function setSession(request: FastifyRequest, id: string, lasts: number): string {
  const secure = !isLocalBrowser(request);
  return fastifyCookie.serialize(secure ? secureCookie(request) : plainCookie, id, {
    httpOnly: true,
    sameSite: 'strict',
    path: request.server.basePath || '/',
    secure,
    maxAge: Math.floor(lasts / 1_000),
  });
}

/** Whether a person is looking for a page, rather than a program for an answer. */
export function wantsPage({ method, headers }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html');
}

/** Where somebody who isn't signed in is led, and from there back again. */
export function signInFirst({ url }: FastifyRequest): string {
  const next = localPath(url);
  return next === undefined ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
}

/** The path, if it is one that this service may have. Never an address of somebody else's, however it is spelt. */
export function localPath(wished: unknown): string | undefined {
  if (typeof wished !== 'string' || !wished.startsWith('/')) return undefined;
  try {
    const { origin, pathname, search } = new URL(wished, 'http://here');
    // `/.//elsewhere` is local until its path is taken for an address of its own. At `/` itself there is nothing.
    return origin === 'http://here' && pathname !== '/' && !pathname.startsWith('//') ? pathname + search : undefined;
  } catch {
    return undefined;
  }
}

/** Throws `cross-site` unless a page of this service made the browser ask. For whatever a cookie or loopback allows. */
export function demandSameOrigin(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  // With what a proxy that is trusted says of it.
  const host = request.host ?? request.headers.host;
  const isHere = host !== undefined && hostOf(origin) === host.toLowerCase();
  if (site === undefined ? !isHere : site !== 'same-origin') {
    throw new ServiceError('cross-site', 'Ask from a page of this service; programs send an API key.');
  }
}

/** The same, but lets those ask who say nothing of where from, as programs do. For where nobody has a key. */
export function refuseOtherSites(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined || site !== undefined) demandSameOrigin(request);
}

function hostOf(origin: string | undefined): string | undefined {
  try {
    return origin === undefined ? undefined : new URL(origin).host;
  } catch {
    return undefined;
  }
}
