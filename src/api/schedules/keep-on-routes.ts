// Routes for keep-ons: create, list, and end early.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { ServiceError } from '../../errors.ts';
import type { Storage } from '../../queue/storage.ts';
import { type KeepOn, endKeepOn, keepOn, readKeepOns } from '../../schedules/exceptions.ts';
import { nextStopOf } from '../../schedules/calendar/next-stop.ts';
import type { WatchedPlan } from '../../schedules/file/watched-plan.ts';
import { demandReach, demandScope, seesJob } from '../auth/authorization.ts';
import { instantField, reasonField } from '../fields.ts';
import { findResource, currentPlan, readVisibleSchedules } from './visible-schedules.ts';
import { readBody } from '../query.ts';
import { keepOnAnswer } from './schedule-answer.ts';
import { tickSoon } from '../../schedules/tick.ts';

const resource = z
  .string('the resource with its target, like default/db-cluster/dev-1')
  .regex(
    /^[a-z][a-z0-9-]{0,31}\/(db-cluster|graph)\/[A-Za-z0-9-]{1,63}$/,
    'the resource with its target, like default/db-cluster/dev-1 or default/graph/g-0123456789',
  )
  .transform((name) => name.toLowerCase());

export const keepOnBody = z
  .strictObject({
    resource: resource.describe('With its target: default/db-cluster/dev-1.'),
    reason: reasonField,
    until: instantField.optional().describe('Kept on until then, at most 30 days.'),
    skipNextStop: z
      .literal(true, 'true, or left out')
      .optional()
      .describe('Kept on from the next stop to the next start.'),
  })
  .refine(({ until, skipNextStop }) => (until === undefined) !== (skipNextStop === undefined), {
    path: ['until'],
    error: 'say until when, or skipNextStop: one of the two',
  })
  .meta({ oneOf: [{ required: ['until'] }, { required: ['skipNextStop'] }] });

export const endQuery = z.strictObject({ resource: resource.describe('With its target: default/db-cluster/dev-1.') });

export function keepOnRoutes(
  server: FastifyInstance,
  { targets }: Pick<Config, 'targets'>,
  storage: Storage,
  watched: WatchedPlan | undefined,
): void {
  const { store } = storage;

  const demand = (request: FastifyRequest, wished: string): void => {
    const [target = ''] = wished.split('/');
    Object.assign(request.audited, { target, resource: wished });
    demandScope(request, 'schedules');
    demandReach(request, target, wished);
    if (targets.some(({ name }) => name === target)) return;
    throw new ServiceError(
      'unknown-target',
      `There is no target “${target}”. There are: ${targets.map(({ name }) => name).join(', ')}.`,
    );
  };

  server.get('/v1/keep-on', async (request) => {
    demandScope(request, 'read');
    currentPlan(watched);
    const found = [...(await readKeepOns(store)).values()];
    return { keepOns: found.filter((lease) => seesLease(request, lease)).map(keepOnAnswer) };
  });

  server.put('/v1/keep-on', async (request) => {
    demandScope(request, 'schedules');
    const wish = readBody(keepOnBody, request.body);
    demand(request, wish.resource);
    const planned = await readVisibleSchedules(request, store, watched);
    const found = findResource(planned, wish.resource);
    const time =
      wish.until === undefined ? nextStopOf(planned.plan, planned.overview.at, found) : { until: wish.until };
    const lease = { resource: wish.resource, reason: wish.reason, by: request.caller.name, ...time };
    const kept = await keepOn(store, lease);
    await tickSoon(storage);
    return keepOnAnswer(kept);
  });

  type End = { Querystring: z.output<typeof endQuery> };
  server.delete<End>('/v1/keep-on', { config: { query: endQuery } }, async (request, reply) => {
    demandScope(request, 'schedules');
    const wished = request.query.resource;
    demand(request, wished);
    currentPlan(watched);
    if (!(await endKeepOn(store, wished))) throw new ServiceError('not-kept-on', `${wished} is not kept on.`);
    await tickSoon(storage);
    return reply.status(204).send();
  });
}

function seesLease(request: FastifyRequest, { resource }: KeepOn): boolean {
  return seesJob(request, { target: resource.split('/')[0] ?? '', resource });
}
