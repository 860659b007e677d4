// A reading that is made now and then however often somebody asks, by one at a time, and never keeps anybody waiting for
// long. It never rejects.
import { setTimeout as pause } from 'node:timers/promises';

/** `undefined` where there is none: the last reading failed, or didn't come in time. */
type Reading<Value> = () => Promise<Value | undefined>;

/** `keep`: how long a reading, also a failed one, is good for; `patience`: how long one is waited for. Milliseconds. */
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
