// For how long a worker of this process was free for a queue: tells what a visit waited for its queue's limit from what it
// waited for a free worker. A visit that is due, and isn't begun though a worker is free, waits for the limit.

/** By this process' own clock, in milliseconds. */
interface Span {
  readonly from: number;
  until: number;
}

/** How many spans are remembered: of what waits longer than they reach back, only that much is known. */
const remembered = 10_000;

export class FreeWorkers {
  readonly #byQueue = new Map<string, Occupation>();

  /** From now on the queue has room for so many visits at once. */
  open(queue: string, concurrency: number): void {
    this.#byQueue.set(queue, new Occupation(concurrency));
  }

  /** A visit begins, and takes a worker. */
  begin(queue: string): void {
    this.#byQueue.get(queue)?.add(1);
  }

  /** A visit ends, and frees its worker. */
  end(queue: string): void {
    this.#byQueue.get(queue)?.add(-1);
  }

  /** For how many of the last so many milliseconds a worker of the queue was free. */
  ofLast(queue: string, milliseconds: number): number {
    return this.#byQueue.get(queue)?.freeSince(performance.now() - milliseconds) ?? 0;
  }
}

class Occupation {
  readonly #concurrency: number;
  readonly #free: Span[] = [{ from: performance.now(), until: Infinity }];
  #busy = 0;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  add(visits: number): void {
    const wasFree = this.#busy < this.#concurrency;
    this.#busy += visits;
    const isFree = this.#busy < this.#concurrency;
    if (isFree === wasFree) return;
    const last = this.#free.at(-1);
    if (isFree) this.#free.push({ from: performance.now(), until: Infinity });
    else if (last) last.until = performance.now();
    if (this.#free.length > remembered) this.#free.shift();
  }

  freeSince(time: number): number {
    const now = performance.now();
    return this.#free.reduce(
      (sum, { from, until }) => sum + Math.max(0, Math.min(until, now) - Math.max(from, time)),
      0,
    );
  }
}
