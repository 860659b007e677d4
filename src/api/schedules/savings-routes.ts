// Routes for savings, as JSON or CSV. They count only resources that the caller's key covers.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ServiceError } from '../../errors.ts';
import type { Store } from '../../records/store.ts';
import { readSavings, monthOf, monthPattern } from '../../schedules/report/savings.ts';
import type { WatchedPlan } from '../../schedules/file/watched-plan.ts';
import { demandScope, seesJob } from '../auth/authorization.ts';
import { instantField } from '../fields.ts';
import { currentPlan } from './visible-schedules.ts';
import { savingsAnswer } from './savings-answer.ts';
import { savingsCsv } from './savings-csv.ts';

export const savingsQuery = z.strictObject({
  month: z
    .string()
    .regex(monthPattern, 'a year and a month, like 2026-11')
    .optional()
    .describe('A month of UTC. Default: the present one.'),
  since: instantField.optional().describe('In place of a month, with until: from then.'),
  until: instantField.optional().describe('In place of a month, with since: to then.'),
  format: z.enum(['json', 'csv'], 'json or csv').optional(),
});

/** The limit of one request, a bit more than a year; milliseconds. */
const longest = 400 * 86_400_000;

export function savingsRoutes(server: FastifyInstance, store: Store, watched: WatchedPlan | undefined): void {
  type Ask = { Querystring: z.output<typeof savingsQuery> };
  server.get<Ask>('/v1/savings', { config: { query: savingsQuery } }, async (request, reply) => {
    demandScope(request, 'read');
    const { query } = request;
    const { plan } = currentPlan(watched);
    const { from, to } = await spanOf(query, store);
    const savings = savingsAnswer(await readSavings(store, from, to, plan.prices, (span) => seesJob(request, span)));
    const wished = query.format ?? (wantsCsv(request.headers.accept) ? 'csv' : 'json');
    void reply.header('vary', 'accept');
    if (wished === 'json') return savings;
    const name = `savings-${savings.from.slice(0, 10)}-to-${savings.to.slice(0, 10)}.csv`;
    return reply
      .type('text/csv; charset=utf-8; header=present')
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(savingsCsv(savings));
  });
}

async function spanOf(
  { month, since, until }: z.output<typeof savingsQuery>,
  store: Store,
): Promise<{ from: number; to: number }> {
  if (month === undefined && since === undefined && until === undefined) {
    return monthOf(new Date((await store.read([])).at).toISOString());
  }
  if (month !== undefined && since === undefined && until === undefined) return monthOf(month);
  if (month !== undefined || since === undefined || until === undefined) {
    throw new ServiceError('invalid-request', 'Say a month, or since and until.');
  }
  if (since >= until || until - since > longest) {
    throw new ServiceError('invalid-request', 'since is before until, by 400 days at most.');
  }
  return { from: since, to: until };
}

function wantsCsv(accept = ''): boolean {
  return /\btext\/csv\b/.test(accept);
}
