// Where a request came from: the address of the connection, or what proxies that are trusted say of it.
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** Without the port that some proxies add. What is no address was made up by the caller: then it is the connection's. */
export function addressOf({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  const [, bracketed, bare] = /^(?:\[(.*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/.exec(ip ?? '') ?? [];
  const address = bracketed ?? bare ?? ip ?? '';
  return isIP(address) > 0 ? address : (socket.remoteAddress ?? 'unknown');
}
