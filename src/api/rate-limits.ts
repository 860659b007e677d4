// How often somebody may ask, by process: each key, and each address that shows no valid one. Must never count against a key
// what was asked without it: many callers may come from one address, that of a proxy.
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addressOf } from './caller-address.ts';
import { ServiceError } from '../errors.ts';

/** Refusals for want of a valid key, a minute and address. A key can't be guessed; this is against noise. */
export const strangersPerMinute = 60;

const timeWindow = 60_000;
/** Of whom counts are kept; beyond it the oldest are forgotten. */
const cache = 5_000;

/** Counts a request that was of no use. Rejects with `rate-limited` when its address has sent too many of them. */
export type CountStranger = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Limits the requests of each key on all routes that are made later, and of each address on those that ask for no key. */
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
    // Made at the first one, for only then has the plugin been loaded.
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

/** Whoever has one address of IPv6 has a whole /64 of them. */
export function sourceOf(request: FastifyRequest): string {
  return rateLimit.normalizeIP(addressOf(request));
}
