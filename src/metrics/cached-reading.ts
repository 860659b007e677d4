// Caches a reading: it is made at most once per period and by one caller at a time, and callers wait for it only a
// bounded time. It never rejects.

/** `undefined` when the last reading failed or took too long. */
export type Reading<Value> = () => Promise<Value | undefined>;

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
    return (await inTime(running, patience)) ? last?.value : undefined;
  };
}

async function inTime(running: Promise<void>, patience: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), patience)));
  const answered = await Promise.race([running.then(() => true), late]);
  clearTimeout(timer);
  return answered;
}
