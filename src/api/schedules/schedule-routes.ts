// Routes for schedules: list, preview, pause and resume.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ServiceError } from '../../errors.ts';
import type { Storage } from '../../queue/storage.ts';
import { pause, resume } from '../../schedules/exceptions.ts';
import { appliesTo } from '../../schedules/governing-schedule.ts';
import type { WatchedPlan } from '../../schedules/file/watched-plan.ts';
import { demandAll, demandScope } from '../auth/authorization.ts';
import { instantField, reasonField } from '../fields.ts';
import { findSchedule, currentPlan, readVisibleSchedules } from './visible-schedules.ts';
import { readBody } from '../query.ts';
import { pauseAnswer, resourceAnswer, scheduleAnswer, schedulesAnswer } from './schedule-answer.ts';
import { previewAnswer, previewQuery } from './schedule-preview.ts';
import { tickSoon } from '../../schedules/tick.ts';

export const pauseBody = z.strictObject({
  reason: reasonField,
  until: instantField.optional().describe('When it goes on by itself. Left out: when it is resumed.'),
});

export const resourcesQuery = z.strictObject({
  schedule: z.string().max(100).optional().describe('Only resources that this schedule decides about.'),
  target: z.string().max(100).optional().describe('Only in this target.'),
  id: z.string().max(100).optional().describe('A DB cluster’s identifier, or a graph’s id or name.'),
});

type Named = FastifyRequest<{ Params: { name: string } }>;

export function scheduleRoutes(server: FastifyInstance, storage: Storage, watched: WatchedPlan | undefined): void {
  const look = (request: FastifyRequest) => {
    demandScope(request, 'read');
    return readVisibleSchedules(request, storage.store, watched);
  };

  server.get('/v1/schedules', async (request) => schedulesAnswer(await look(request)));

  server.get('/v1/schedules/:name', async (request: Named) => {
    const planned = await look(request);
    const found = findSchedule(planned, request.params.name);
    const { schedule } = found;
    const own = planned.overview.resources.filter((each) =>
      schedule.kind === 'running' ? each.schedule === schedule.name : appliesTo(schedule, each),
    );
    return { ...scheduleAnswer(found, planned.all), resourceList: own.map(resourceAnswer) };
  });

  type Preview = { Params: { name: string }; Querystring: z.output<typeof previewQuery> };
  server.get<Preview>('/v1/schedules/:name/preview', { config: { query: previewQuery } }, async (request) => {
    const { days } = request.query;
    const planned = await look(request);
    return previewAnswer(findSchedule(planned, request.params.name).schedule, planned.overview.at, days);
  });

  type Resources = { Querystring: z.output<typeof resourcesQuery> };
  server.get<Resources>('/v1/scheduled-resources', { config: { query: resourcesQuery } }, async (request) => {
    const { schedule, target, id } = request.query;
    const { overview } = await look(request);
    const fitting = overview.resources.filter(
      (each) =>
        (schedule === undefined || each.schedule === schedule) &&
        (target === undefined || each.target === target) &&
        (id === undefined || each.id === id.toLowerCase() || each.name.toLowerCase() === id.toLowerCase()),
    );
    return { at: new Date(overview.at).toISOString(), resources: fitting.map(resourceAnswer) };
  });

  const demandPause = (request: Named): string => {
    const { name } = request.params;
    request.audited.resource = `schedule/${name}`;
    demandScope(request, 'schedules');
    // Tomorrow the schedule may select resources that nobody knows today.
    demandAll(request);
    const { plan } = currentPlan(watched);
    if (plan.schedules.some((schedule) => schedule.name === name)) return name;
    throw new ServiceError('schedule-not-found', `There is no schedule “${name}”. GET /v1/schedules lists them.`);
  };

  server.put('/v1/schedules/:name/pause', async (request: Named) => {
    const schedule = demandPause(request);
    const wish = readBody(pauseBody, request.body);
    const { at } = await storage.store.read([]);
    if (wish.until !== undefined && wish.until <= at) {
      throw new ServiceError('invalid-request', 'until is past already.');
    }
    const { until, ...rest } = wish;
    const paused = await pause(storage.store, {
      schedule,
      by: request.caller.name,
      ...rest,
      ...(until === undefined ? {} : { until }),
    });
    await tickSoon(storage);
    return pauseAnswer(paused);
  });

  server.delete('/v1/schedules/:name/pause', async (request: Named, reply) => {
    const schedule = demandPause(request);
    if (!(await resume(storage.store, schedule))) {
      throw new ServiceError('not-paused', `${schedule} is not paused.`);
    }
    await tickSoon(storage);
    return reply.status(204).send();
  });
}
