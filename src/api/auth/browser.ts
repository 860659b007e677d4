// Reads from a browser's request: its session cookie, whether it expects a page, and whether another site sent it.
import { fastifyCookie } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../errors.ts';

const loopbackName = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Whether the request's host is a name of this machine. */
export function asksForLoopback({ headers }: FastifyRequest): boolean {
  return loopbackName.test(headers.host ?? '');
}

/**
 * Whether the browser runs on this machine. The host name doesn't tell, because most proxies use the service's loopback
 * name. The address of the page with the form does.
 */
function isLocalBrowser(request: FastifyRequest): boolean {
  const from = hostOf(request.headers.origin);
  return asksForLoopback(request) && (from === undefined || loopbackName.test(from));
}

/** Whether the browser sent the form over plain http from another machine. */
export function isInTheClear(request: FastifyRequest): boolean {
  return request.headers.origin?.startsWith('http:') === true && !isLocalBrowser(request);
}

/** On loopback a cookie may go over plain http. */
const plainCookie = 'neptune-ops-session';

/** Everywhere else browsers keep and send it over https only. Under a path it isn't the whole host's, as `__Host-` has to be. */
function secureCookie({ server: { basePath } }: FastifyRequest): string {
  return `${basePath === '' ? '__Host-' : '__Secure-'}${plainCookie}`;
}

/** The session id in the request's cookie. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const cookies = fastifyCookie.parse(request.headers.cookie ?? '');
  return cookies[secureCookie(request)] || (asksForLoopback(request) && cookies[plainCookie]) || undefined;
}

/** The `Set-Cookie` header for a session of this many milliseconds; 0 deletes the cookie. */
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

/** Whether a person expects a page, rather than a program JSON. */
export function wantsPage({ method, headers }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html');
}

/** The address of the sign-in page, which leads back to the requested one. */
export function signInFirst({ url }: FastifyRequest): string {
  const next = localPath(url);
  return next === undefined ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
}

/** The path, if it is on this service; never a foreign address, however it is written. */
export function localPath(wished: unknown): string | undefined {
  if (typeof wished !== 'string' || !wished.startsWith('/')) return undefined;
  try {
    const { origin, pathname, search } = new URL(wished, 'http://here');
    // `/.//elsewhere` looks local but becomes a foreign address when it is resolved again. `/` itself has no page.
    return origin === 'http://here' && pathname !== '/' && !pathname.startsWith('//') ? pathname + search : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Throws `cross-site` unless a page of this service sent the request. For requests that a cookie or loopback
 * authorizes.
 */
export function demandSameOrigin(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  // With what a proxy that is trusted says of it.
  const host = request.host ?? request.headers.host;
  const isHere = host !== undefined && hostOf(origin) === host.toLowerCase();
  if (site === undefined ? !isHere : site !== 'same-origin') {
    throw new ServiceError('cross-site', 'Ask from a page of this service; programs send an API key.');
  }
}

/** The same, but accepts requests without an origin, as programs send them. For services without keys. */
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
