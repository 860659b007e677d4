// Streams a job's changes as server-sent events, from the last event that the reader saw. The stream ends with the job,
// or when the reader's key or session is no longer valid.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JobWatch } from '../../queue/job-watch.ts';
import type { History } from '../../records/history.ts';
import { type JobRecord, isEnded, keyOf } from '../../records/job.ts';
import type { Store } from '../../records/store.ts';
import { type Caller, hasScope, seesJob } from '../auth/authorization.ts';
import type { WaitLimits } from './wait-limits.ts';

/** Time between comments that keep proxies from closing a silent connection; milliseconds. */
const heartbeat = 15_000;

/** So often it is looked whether the readers still may; milliseconds. */
const lookEvery = 1_000;

/** A reader who showed a key or a session. */
interface Reader {
  readonly request: FastifyRequest;
  readonly job: JobRecord;
  end(): void;
}

export class JobStreams {
  readonly #store: Store;
  readonly #watch: JobWatch;
  readonly #limits: WaitLimits;
  readonly #readers = new Set<Reader>();
  #looks: NodeJS.Timeout | undefined;

  constructor(store: Store, watch: JobWatch, limits: WaitLimits) {
    this.#store = store;
    this.#watch = watch;
    this.#limits = limits;
  }

  /**
   * Answers 204 where the job has ended and the reader has seen it all: a browser then stops reconnecting. HEAD follows nothing.
   * Rejects with `too-many-waits`.
   */
  async stream(job: JobRecord, request: FastifyRequest, reply: FastifyReply) {
    let seen = Number(request.headers['last-event-id'] ?? 0) || 0;
    const [stored] = (await this.#store.read([keyOf.history(job.id)])).records;
    const first = ((stored?.value ?? []) as History).filter(({ n }) => n > seen);
    if (first.length === 0 && isAllTold(job)) return reply.status(204).send();
    const leave = request.method === 'HEAD' ? () => undefined : this.#limits.enter(request, reply);

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
    const tell = (history: History) => {
      for (const { n, at, ...change } of history) {
        if (n <= seen) continue;
        seen = n;
        raw.write(`id: ${n}\ndata: ${JSON.stringify({ at: new Date(at).toISOString(), ...change })}\n\n`);
      }
    };
    tell(first);
    const reader: Reader = {
      request,
      job,
      end: () => {
        stop();
        clearInterval(beat);
        this.#forget(reader);
        leave();
        raw.end();
      },
    };
    const beat = setInterval(() => raw.write(':\n\n'), heartbeat);
    const stop = this.#watch.subscribe(
      job.id,
      (now, history) => {
        tell(history);
        if (now === undefined || isAllTold(now)) reader.end();
      },
      { withHistory: true },
    );
    if (request.caller.kind !== 'open') this.#remember(reader);
    raw.once('close', reader.end);
    // The reader closed the connection while the history was read.
    if (raw.destroyed || request.raw.socket.destroyed) reader.end();
    return reply;
  }

  #remember(reader: Reader): void {
    this.#readers.add(reader);
    this.#looks ??= setInterval(() => this.#sendAway(), lookEvery);
  }

  #forget(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    clearInterval(this.#looks);
    this.#looks = undefined;
  }

  /** Those who may no longer read. However many streams one key or session has, it is looked at once. */
  #sendAway(): void {
    const callers = new Map<string, Promise<Caller>>();
    for (const { request, job, end } of this.#readers) {
      const { authorization, cookie } = request.headers;
      const shown = JSON.stringify([authorization, cookie]);
      // A store that can't be reached now says nothing of a session; nor has the stream anything to tell meanwhile.
      const looked = callers.get(shown) ?? request.callerNow().catch(() => request.caller);
      callers.set(shown, looked);
      void looked.then((caller) => {
        if (!hasScope({ caller }, 'read') || !seesJob({ caller }, job)) end();
      });
    }
  }
}

/** Whether the job has ended and its event was delivered or refused. */
function isAllTold(job: JobRecord): boolean {
  return isEnded(job) && job.event !== 'pending';
}
