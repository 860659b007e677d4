// Records when this process' workers stood still because a queue's limit was used up. It separates waiting for the
// limit from waiting for a free worker. BullMQ tells only the worker, through its private method `updateDelays`; it is
// called by name, so that the types fail when it is gone.
import type { Worker } from 'bullmq';

/** Times by this process' clock, in milliseconds. */
interface Standstill {
  readonly from: number;
  until: number;
}

/** How long a standstill is remembered; milliseconds. Longer waits count only this much. */
const remembered = 3_600_000;

export class Standstills {
  readonly #byQueue = new Map<string, Standstill[]>();

  /** Listens to the queue's answers when this worker asks for a job. */
  watch(worker: Worker): Worker {
    const hear = worker['updateDelays'].bind(worker);
    worker['updateDelays'] = (limit = 0, due = 0) => {
      this.told(worker.name, limit);
      hear(limit, due);
    };
    return worker;
  }

  /** The queue's limit is used up for this many milliseconds from now; 0: it is open again. */
  told(queue: string, milliseconds: number): void {
    const now = performance.now();
    const known = this.#byQueue.get(queue) ?? [];
    const last = known.at(-1);
    if (last !== undefined && last.until >= now) {
      last.until = now + milliseconds;
    } else if (milliseconds > 0) {
      known.push({ from: now, until: now + milliseconds });
      while ((known[0]?.until ?? now) < now - remembered) known.shift();
      this.#byQueue.set(queue, known);
    }
  }

  /** For how many of the last `milliseconds` the queue stood still. */
  ofLast(queue: string, milliseconds: number): number {
    const now = performance.now();
    const since = now - milliseconds;
    const spans = (this.#byQueue.get(queue) ?? []).map(
      ({ from, until }) => Math.min(until, now) - Math.max(from, since),
    );
    return spans.reduce((sum, span) => sum + Math.max(0, span), 0);
  }
}
