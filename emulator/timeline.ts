// The past, present and planned states of a thing, each with the time it begins. It never waits and never changes the
// past.
import type { Clock } from './clock.ts';

/** A state and how long it lasts, in milliseconds. Absent: until it is changed. */
export interface TimelineStep<S> {
  to: S;
  forMs?: number;
}

/** One state with the time in which it holds. */
interface Moment<S> {
  state: S;
  /** When it began; `-Infinity` if it has no beginning. */
  at: number;
  /** When the next one begins; `Infinity` if none is planned. */
  until: number;
}

const REMEMBERED = 64;

/** States over time. A stale answer reads it at an earlier time. */
export class Timeline<S> {
  readonly #clock: Clock;
  #entries: { at: number; state: S }[];

  constructor(clock: Clock, initial: S, from: number = Number.NEGATIVE_INFINITY) {
    this.#clock = clock;
    this.#entries = [{ at: from, state: initial }];
  }

  /** Replaces everything planned after `from` (default: now) by these steps. */
  run(steps: readonly TimelineStep<S>[], from: number = this.#clock.now()): void {
    const entries = this.#entries.filter((entry) => entry.at <= from);
    let at = from;
    for (const step of steps) {
      entries.push({ at, state: step.to });
      at += step.forMs ?? Number.POSITIVE_INFINITY;
      if (at === Number.POSITIVE_INFINITY) break;
    }
    this.#entries = entries.length > REMEMBERED ? entries.slice(-REMEMBERED) : entries;
  }

  /** The state at `time` with its bounds; `undefined` before the thing existed. */
  moment(time: number): Moment<S> | undefined {
    const entries = this.#entries;
    for (let i = entries.length - 1; i >= 0; i -= 1) {
      const entry = entries[i];
      if (entry !== undefined && entry.at <= time) {
        return { state: entry.state, at: entry.at, until: entries[i + 1]?.at ?? Number.POSITIVE_INFINITY };
      }
    }
    return undefined;
  }

  /** The state at `time`; `undefined` before the thing existed. */
  at(time: number): S | undefined {
    return this.moment(time)?.state;
  }

  /** The present state; the first one for a thing that begins in the future. */
  get now(): S {
    const state = this.at(this.#clock.now()) ?? this.#entries[0]?.state;
    return state as S;
  }
}
