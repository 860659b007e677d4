// What is told of a browser's request: its session cookie, whether it wants a page, whether another site made it ask.
import { fastifyCookie } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../errors.ts';

const loopbackName = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Whether the service was asked for under a name of this machine. */
export function isLoopback({ headers }: FastifyRequest): boolean {
  return loopbackName.test(headers.host ?? '');
}

/** On loopback a cookie may go over plain http; everywhere else browsers keep and send it over https only. */
function cookieName(request: FastifyRequest): string {
  return isLoopback(request) ? 'neptune-ops-session' : '__Host-neptune-ops-session';
}

/** The id of the session that the browser says it has. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const { cookie } = request.headers;
  return cookie === undefined ? undefined : fastifyCookie.parse(cookie)[cookieName(request)] || undefined;
}

/** The `Set-Cookie` that gives a browser its session for this many milliseconds, or takes it away (0). */
export function setSession(request: FastifyRequest, id: string, lasts: number): string {
  return fastifyCookie.serialize(cookieName(request), id, {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    secure: !isLoopback(request),
    maxAge: Math.floor(lasts / 1_000),
  });
}

/** Whether a person is looking for a page, rather than a program for an answer. */
export function wantsPage({ method, headers }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html');
}

/** Where somebody who isn't signed in is led, and from there back again. */
export function signInFirst({ url }: FastifyRequest): string {
  return `/sign-in?next=${encodeURIComponent(localPath(url))}`;
}

/** The path, if it is one of this service; else `/`. Never an address of somebody else's, however it is spelt. */
export function localPath(wished: unknown): string {
  if (typeof wished !== 'string' || !wished.startsWith('/')) return '/';
  try {
    const { origin, pathname, search } = new URL(wished, 'http://here');
    // `/.//elsewhere` is local until its path is taken for an address of its own.
    return origin === 'http://here' && !pathname.startsWith('//') ? pathname + search : '/';
  } catch {
    return '/';
  }
}

/** Throws `cross-site` unless a page of this service made the browser ask. For whatever a cookie or loopback allows. */
export function demandSameOrigin({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  const same = site === undefined ? hostOf(headers.origin) === headers.host?.toLowerCase() : site === 'same-origin';
  if (!same) {
    throw new ServiceError('cross-site', 'Ask from a page of this service; programs send an API key.');
  }
}

function hostOf(origin: string | undefined): string | undefined {
  try {
    return origin === undefined ? undefined : new URL(origin).host;
  } catch {
    return undefined;
  }
}
