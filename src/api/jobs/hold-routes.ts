// Routes for holds: while one is on, no changing call starts.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { ServiceError } from '../../errors.ts';
import { type Hold, holdOff, holdOn, holds } from '../../queue/hold.ts';
import type { Storage } from '../../queue/storage.ts';
import { demandAll, demandScope, demandTarget, seesTarget } from '../auth/authorization.ts';
import { reasonField } from '../fields.ts';
import { readBody } from '../query.ts';

export const holdBody = z.strictObject({
  target: z.string().default('all').describe('A target, or all.'),
  reason: reasonField,
});

const releaseQuery = z.strictObject({ target: z.string().default('all') });

export function holdRoutes(server: FastifyInstance, config: Config, storage: Storage): void {
  server.get('/v1/hold', async (request) => {
    demandScope(request, 'read');
    // Also for callers that may see only part of the target, because the hold stops their jobs too.
    const visible = (await holds(storage.store)).filter(
      ({ target }) => target === 'all' || seesTarget(request, target),
    );
    return { holds: visible.map(holdAnswer) };
  });

  server.put('/v1/hold', async (request) => {
    demandScope(request, 'hold');
    const wish = readBody(holdBody, request.body);
    const { target } = wish;
    checkTarget(config, target);
    demandWhole(request, target);
    Object.assign(request.audited, { target });
    return holdAnswer(await holdOn(storage.store, { ...wish, by: request.caller.name }));
  });

  type Release = { Querystring: z.output<typeof releaseQuery> };
  server.delete<Release>('/v1/hold', { config: { query: releaseQuery } }, async (request, reply) => {
    demandScope(request, 'hold');
    const { target } = request.query;
    checkTarget(config, target);
    demandWhole(request, target);
    Object.assign(request.audited, { target });
    if (!(await holdOff(storage.store, target))) throw new ServiceError('not-held', `There is no hold on ${target}.`);
    return reply.status(204).send();
  });
}

function demandWhole(request: FastifyRequest, target: string): void {
  if (target === 'all') demandAll(request);
  else demandTarget(request, target);
}

function checkTarget({ targets }: Config, target: string): void {
  if (target === 'all' || targets.some(({ name }) => name === target)) return;
  throw new ServiceError(
    'unknown-target',
    `There is no target “${target}”. There are: all, ${targets.map(({ name }) => name).join(', ')}.`,
  );
}

function holdAnswer({ since, ...hold }: Hold) {
  return { ...hold, since: new Date(since).toISOString() };
}
