// A job's changes as server-sent events, from wherever the reader had got to. Ends with the job, and must not go on for a
// reader whose key or session is no longer good.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JobWatch } from '../../queue/job-watch.ts';
import type { History, HistoryEntry } from '../../records/history.ts';
import { type JobRecord, isEnded, keyOf } from '../../records/job.ts';
import type { Store } from '../../records/store.ts';
import { hasScope, seesJob } from '../auth/authorization.ts';

/** A comment is sent this often, so that nothing between here and the reader takes the silence for death; milliseconds. */
const heartbeat = 15_000;

/** So often it is looked whether the reader still may; milliseconds. */
const lookEvery = 1_000;

/** Answers 204 where the job has ended and the reader has seen it all: a browser then stops reconnecting. HEAD follows nothing. */
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
    // Kept for another request, it would keep a closing service from its end.
    connection: 'close',
  });
  if (request.method === 'HEAD') {
    raw.end();
    return reply;
  }
  const tell = (entries: readonly HistoryEntry[]) => {
    // A reader who may no longer was sent away while these were read.
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
  // Hung up already, while the history was read.
  if (raw.destroyed || request.raw.socket.destroyed) end();
  return reply;
}

/** A store that can't be reached now says nothing of a session; nor has the stream anything to tell meanwhile. */
async function stillReads(request: FastifyRequest, job: JobRecord): Promise<boolean> {
  const caller = await request.callerNow().catch(() => request.caller);
  return hasScope({ caller }, 'read') && seesJob({ caller }, job);
}

/** The job has ended, and its event's fate is known. */
function isAllTold(job: JobRecord): boolean {
  return isEnded(job) && job.event !== 'pending';
}
