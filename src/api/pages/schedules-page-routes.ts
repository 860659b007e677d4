// The route of the schedules page at /schedules. It takes the scope for reading, and shows what the key covers.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Config, boardIsOn } from '../../config.ts';
import type { Storage } from '../../queue/storage.ts';
import { readSpans, savingsOf, monthOf, monthPattern, monthText } from '../../schedules/report/savings.ts';
import type { WatchedPlan } from '../../schedules/file/watched-plan.ts';
import { demandScope, seesJob } from '../auth/authorization.ts';
import { readVisibleSchedules } from '../schedules/visible-schedules.ts';
import { type Menu, emptyPage, schedulesPage } from './schedules-page.ts';
import { farthestBack } from './schedules-page-strip.ts';
import { schedulesStyle } from './schedules-page-style.ts';

const text = z
  .string()
  .max(100)
  .transform((given) => given.trim() || undefined)
  .optional()
  .catch(undefined);

/** A wrong value in the address shows the default instead of an error. */
const pageQuery = z.object({
  schedule: text,
  find: text,
  page: z.coerce.number().int().min(1).max(10_000).catch(1),
  month: z.string().regex(monthPattern).optional().catch(undefined),
});

interface PagePlace {
  readonly config: Config;
  readonly storage: Storage;
  readonly watched: WatchedPlan | undefined;
  /** Whether people sign in, so that the page offers to sign out. */
  readonly signIn: boolean;
}

export function schedulesPageRoutes(server: FastifyInstance, { config, storage, watched, signIn }: PagePlace): void {
  const { store } = storage;
  const menu: Menu = { board: boardIsOn(config), signOut: signIn };

  server.get('/schedules', async (request, reply) => {
    demandScope(request, 'read');
    void reply.type('text/html; charset=utf-8').header('cache-control', 'no-store');
    if (watched === undefined) return emptyPage(menu);
    const filter = pageQuery.parse(request.query);
    const planned = await readVisibleSchedules(request, store, watched);
    const { at } = planned.overview;
    const month = monthOf(filter.month ?? monthText(at));
    const monthEnd = Math.max(month.from, Math.min(month.to, at));
    // The strips' days and the month mostly overlap, so they are read at once where they do.
    const stripsFrom = at - farthestBack;
    const isOne = month.from <= at && month.to >= stripsFrom;
    const sees = (span: { readonly target: string; readonly resource: string }) => seesJob(request, span);
    const ofStrips = (await readSpans(store, isOne ? Math.min(month.from, stripsFrom) : stripsFrom, at)).filter(sees);
    const ofMonth = isOne ? ofStrips : (await readSpans(store, month.from, monthEnd)).filter(sees);
    const spans = ofStrips.filter(({ to }) => to > stripsFrom);
    const within = ofMonth.flatMap((span) => {
      const cut = { ...span, from: Math.max(span.from, month.from), to: Math.min(span.to, monthEnd) };
      return cut.to > cut.from ? [cut] : [];
    });
    const savings = savingsOf(within, month.from, monthEnd, planned.plan.prices);
    return schedulesPage({ planned, spans, savings, month, filter, menu });
  });

  server.get('/schedules.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(schedulesStyle));
}
