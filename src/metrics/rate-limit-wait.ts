// When this process' workers were held back because a queue's limit was used up: tells what a visit waited for the limit from
// what it waited for a free worker. BullMQ says it to the worker alone; of its private parts only `updateDelays` is used, by
// its name, so that the types fail when it is gone.
import type { Worker } from 'bullmq';

/** By this process' own clock, in milliseconds. */
interface Standstill {
  readonly from: number;
  until: number;
}

/** How long a standstill is remembered, in milliseconds: of what waits longer, only this much is known. */
const remembered = 3_600_000;

export class Standstills {
  readonly #byQueue = new Map<string, Standstill[]>();

  /** Listens to what the queue answers whenever this worker asks for a job. */
  watch(worker: Worker): Worker {
    const hear = worker['updateDelays'].bind(worker);
    worker['updateDelays'] = (limit = 0, due = 0) => {
      this.told(worker.name, limit);
      hear(limit, due);
    };
    return worker;
  }

  /** The queue said that it stands still for so many milliseconds from now on; 0: it goes on. */
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

  /** For how many of the last so many milliseconds the queue stood still. */
  ofLast(queue: string, milliseconds: number): number {
    const now = performance.now();
    const since = now - milliseconds;
    const spans = (this.#byQueue.get(queue) ?? []).map(
      ({ from, until }) => Math.min(until, now) - Math.max(from, since),
    );
    return spans.reduce((sum, span) => sum + Math.max(0, span), 0);
  }
}
