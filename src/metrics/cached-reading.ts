// A reading that is made now and then however often somebody asks, by one at a time, and never keeps anybody waiting for
// long. It never rejects.
import { setTimeout as pause } from 'node:timers/promises';

/** `undefined` when the last reading failed or took too long. */
type Reading<Value> = () => Promise<Value | undefined>;

/**
 * `keep`: how long a reading, also a failed one, is used. `patience`: how long a caller waits for one. Milliseconds.
 */
export function cachedReading<Value>(read: () => Promise<Value>, keep: number, patience: number): Reading<Value> {
  let last: { readonly at: number; readonly value: Value | undefined } | undefined;
  let running: Promise<void> | undefined;
  return async () => {
    const isOld = last === undefined || performance.now() - last.at > keep;
    if (isOld && running === undefined) {
      const note = (value: Value | undefined) => {
        last = { at: performance.now(), value };
        running = undefined;
      };
      running = read().then(note, () => note(undefined));
    }
    if (running === undefined) return last?.value;
    const made = running.then(() => true);
    const late = pause(patience, false, { ref: false });
    return (await Promise.race([made, late])) ? last?.value : undefined;
  };
}
