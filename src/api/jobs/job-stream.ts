// Streams a job's changes as server-sent events, from the last event that the reader saw. The stream ends with the job,
// or when the reader's key or session is no longer valid.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JobWatch } from '../../queue/job-watch.ts';
import type { History, HistoryEntry } from '../../records/history.ts';
import { type JobRecord, isEnded, keyOf } from '../../records/job.ts';
import type { Store } from '../../records/store.ts';
import { hasScope, seesJob } from '../auth/authorization.ts';

/** Time between comments that keep proxies from closing a silent connection; milliseconds. */
const heartbeat = 15_000;

/** Time between checks of the reader's key or session; milliseconds. */
const lookEvery = 1_000;

/**
 * Answers 204 when the job has ended and the reader has seen everything, so that a browser stops reconnecting. HEAD
 * opens no stream.
 */
export async function streamJob(
  store: Store,
  watch: JobWatch,
  job: JobRecord,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  let seen = Number(request.headers['last-event-id'] ?? 0) || 0;
  const news = async (): Promise<HistoryEntry[]> => {
    const [history] = (await store.read([keyOf.history(job.id)])).records;
    return ((history?.value ?? []) as History).filter(({ n }) => n > seen);
  };
  const first = await news();
  if (first.length === 0 && isAllTold(job)) return reply.status(204).send();

  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    // A kept connection would delay a closing service.
    connection: 'close',
  });
  if (request.method === 'HEAD') {
    raw.end();
    return reply;
  }
  const tell = (entries: readonly HistoryEntry[]) => {
    // The reader lost access while these were read.
    if (raw.writableEnded) return;
    for (const { n, at, ...change } of entries) {
      if (n <= seen) continue;
      seen = n;
      raw.write(`id: ${n}\ndata: ${JSON.stringify({ at: new Date(at).toISOString(), ...change })}\n\n`);
    }
  };
  tell(first);
  const end = () => {
    stop();
    clearInterval(beat);
    clearInterval(looks);
    raw.end();
  };
  const beat = setInterval(() => raw.write(':\n\n'), heartbeat);
  const look = async () => {
    if (!(await stillReads(request, job))) end();
  };
  const looks = request.caller.kind === 'open' ? undefined : setInterval(() => void look(), lookEvery);
  const stop = watch.subscribe(job.id, (now) => {
    void news()
      .then(tell, () => undefined)
      .then(() => {
        if (now === undefined || isAllTold(now)) end();
      });
  });
  raw.once('close', end);
  // The reader closed the connection while the history was read.
  if (raw.destroyed || request.raw.socket.destroyed) end();
  return reply;
}

/** While the store can't be reached, the reader counts as allowed; there are no changes to send either. */
async function stillReads(request: FastifyRequest, job: JobRecord): Promise<boolean> {
  const caller = await request.callerNow().catch(() => request.caller);
  return hasScope({ caller }, 'read') && seesJob({ caller }, job);
}

/** Whether the job has ended and its event was delivered or refused. */
function isAllTold(job: JobRecord): boolean {
  return isEnded(job) && job.event !== 'pending';
}
