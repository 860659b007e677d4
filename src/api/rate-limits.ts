// Limits requests per process: of each key, and of each address without a valid key. Requests without the key never
// count against it, because many callers may share a proxy's address.
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addressOf } from './caller-address.ts';
import { ServiceError } from '../errors.ts';

/**
 * The limit of requests without a valid key, per minute and address. A key can't be guessed; the limit keeps noise
 * down.
 */
const strangersPerMinute = 60;

const timeWindow = 60_000;
/** The number of keys and addresses counted; beyond it the oldest counts are dropped. */
const cache = 5_000;

/** Counts a request that was of no use. Rejects with `rate-limited` when its address has sent too many of them. */
type CountStranger = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Limits requests per key on all routes added later, and per address on routes that need no key. */
export function limitRequests(server: FastifyInstance, requestsPerMinute: number): CountStranger {
  void server.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow,
    cache,
    keyGenerator: (request) => (request.caller?.kind === 'key' ? request.caller.id : sourceOf(request)),
    errorResponseBuilder: ({ caller }, { after }) => {
      const who = caller?.kind === 'key' ? 'This key' : 'This address';
      return new ServiceError('rate-limited', `${who} has asked too often. Try again in ${after}.`);
    },
  });
  return limitAddresses(server, strangersPerMinute, 'Too many requests without a valid API key from this address');
}

/** Counts by address what it is called for. `what` is the sentence that says there were too many in a minute. */
export function limitAddresses(server: FastifyInstance, max: number, what: string): CountStranger {
  let count: ReturnType<FastifyInstance['rateLimit']> | undefined;
  return async (request, reply) => {
    // Made at the first request, because the plugin isn't loaded before.
    count ??= server.rateLimit({
      max,
      timeWindow,
      cache,
      keyGenerator: sourceOf,
      errorResponseBuilder: (_request, { after }) =>
        new ServiceError('rate-limited', `${what}. Try again in ${after}.`),
    });
    await count.call(server, request, reply);
  };
}

/** Who has one IPv6 address has a whole /64. */
export function sourceOf(request: FastifyRequest): string {
  return rateLimit.normalizeIP(addressOf(request));
}
