// The time by which the stand-ins live. Nothing here waits: a state is worked out from the clock when a request looks.

/** Milliseconds since 1970 of the simulated world. */
export interface Clock {
  now(): number;
}

/** A clock that stands still until a test turns it. */
export interface TurnableClock extends Clock {
  /** Moves time on by `ms`; never back. */
  advance(ms: number): void;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that begins at `start` (default: now) and moves only by `advance`. */
export function createTurnableClock(start: number = Date.now()): TurnableClock {
  let time = start;
  return {
    now: () => time,
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`a clock is turned forward only, not by ${ms}`);
      time += ms;
    },
  };
}

/** Whether a clock can be turned by hand. */
export function isTurnable(clock: Clock): clock is TurnableClock {
  return 'advance' in clock;
}
