// The emulator's clock. Nothing waits for it: a state is computed from the clock when a request reads it.

/** Milliseconds since 1970 in the simulated world. */
export interface Clock {
  now(): number;
}

/** A clock that moves only when a test advances it. */
export interface TurnableClock extends Clock {
  /** Moves time forward by `ms`. */
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

/** Whether a clock can be advanced. */
export function isTurnable(clock: Clock): clock is TurnableClock {
  return 'advance' in clock;
}
