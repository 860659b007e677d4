// The address of a caller: the connection's, or the one that trusted proxies report.
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * Without the port that some proxies add. If it isn't an address, the caller made it up, and the connection's address
 * counts.
 */
export function addressOf({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  const [, bracketed, bare] = /^(?:\[(.*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/.exec(ip ?? '') ?? [];
  const address = bracketed ?? bare ?? ip ?? '';
  return isIP(address) > 0 ? address : (socket.remoteAddress ?? 'unknown');
}
