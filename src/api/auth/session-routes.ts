// Routes for signing in with a browser: an API key once, a session from then on. They exist only where keys are
// configured.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceError } from '../../errors.ts';
import type { Store } from '../../records/store.ts';
import { limitAddresses } from '../rate-limits.ts';
import { holderOf } from './authorization.ts';
import { demandSameOrigin, isInTheClear, localPath, sessionCookie, setSession } from './browser.ts';
import type { KeyRing } from './api-keys.ts';
import { endSession, keyOfSession, openSession, sessionLasts } from './session.ts';
import { signInPage, signInStyle, signOutPage } from './sign-in-page.ts';

/**
 * Refusals, a minute and address. A key can't be guessed; this is against noise. A right key is let in whatever was refused
 * before: many people may come from one address, that of a proxy.
 */
const refusalsPerMinute = 20;

/** The form as it was sent: values may be anything. */
type Form = Readonly<Record<string, unknown>>;

interface SessionPlace {
  readonly store: Store;
  readonly keys: KeyRing;
  /** Whether the board is on. If not, signing in leads to the schedules. */
  readonly board: boolean;
}

export function sessionRoutes(server: FastifyInstance, { store, keys, board }: SessionPlace): void {
  const home = board ? '/board' : '/schedules';
  const countRefusal = limitAddresses(server, refusalsPerMinute, 'Too many wrong tries from this address');
  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  // After signing in or out, the browser must not show the old page from its cache.
  server.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  server.get<{ Querystring: { next?: unknown } }>('/sign-in', (request, reply) =>
    reply.type('text/html; charset=utf-8').send(signInPage(localPath(request.query.next) ?? home)),
  );

  server.get('/sign-in.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(signInStyle));

  server.post<{ Body: Form | null }>(
    '/sign-in',
    {
      bodyLimit: 4_096,
      config: {
        rateLimit: false,
      },
      // A person gets the error on the page, a program gets JSON.
      async errorHandler(refused, request, reply) {
        const error = await countRefusal(request, reply).then(
          () => refused,
          (limited: ServiceError) => limited,
        );
        if (!(error instanceof ServiceError)) throw error;
        request.audited.code = error.code;
        const next = localPath((request.body as Form | null)?.['next']) ?? home;
        return reply.status(error.status).type('text/html; charset=utf-8').send(signInPage(next, error.message));
      },
    },
    async (request, reply) => {
      if (isInTheClear(request)) {
        throw new ServiceError('forbidden', 'Open this page over https: a key must not travel in the clear.');
      }
      demandSameOrigin(request);
      const { key: presented, next } = request.body ?? {};
      const key = typeof presented === 'string' ? keys.find(presented.trim()) : undefined;
      if (key === undefined) throw new ServiceError('unauthorized', 'This is not a key of this service.');
      request.caller = holderOf(key);
      await endOld(request, store);
      const id = await openSession(store, key);
      return reply.header('set-cookie', setSession(request, id, sessionLasts)).redirect(localPath(next) ?? home, 303);
    },
  );

  server.get('/sign-out', async (request, reply) => {
    const id = sessionCookie(request);
    const key = id === undefined ? undefined : await keyOfSession(store, keys, id);
    if (key === undefined) return reply.redirect('/sign-in', 303);
    return reply.type('text/html; charset=utf-8').send(signOutPage(key.name, board));
  });

  server.post('/sign-out', async (request, reply) => {
    demandSameOrigin(request);
    const id = sessionCookie(request);
    const key = id === undefined ? undefined : await keyOfSession(store, keys, id);
    if (key) request.caller = holderOf(key, true);
    await endOld(request, store);
    return reply.header('set-cookie', setSession(request, '', 0)).redirect('/sign-in', 303);
  });
}

async function endOld(request: FastifyRequest, store: Store): Promise<void> {
  const old = sessionCookie(request);
  if (old !== undefined) await endSession(store, old);
}
