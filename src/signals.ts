// How SIGTERM and SIGINT end a process: at once before it is up, then cleanly, and at once again for somebody who asks twice.

const exitCodes = { SIGTERM: 143, SIGINT: 130 } as const;
type Signal = keyof typeof exitCodes;

/** Ctrl-C reaches a process twice where npm passes it on; a second wish comes later than this, in milliseconds. */
const sameWish = 1_000;

/**
 * Hears both signals from now on: as the first process of a container, a process isn't ended by signals that it doesn't ask
 * for. Answers how to say, once it is up, how it ends: `close` may take `longest` milliseconds, then the process ends with 1.
 */
export function endOnSignals(): (close: (signal: Signal) => Promise<void>, longest: number) => void {
  let end: (signal: Signal) => void = (signal) => process.exit(exitCodes[signal]);
  const atOnce = end;
  for (const signal of Object.keys(exitCodes) as Signal[]) process.on(signal, () => end(signal));
  return (close, longest) => {
    end = (signal) => {
      const asked = performance.now();
      end = (again) => {
        if (performance.now() - asked > sameWish) atOnce(again);
      };
      // What hangs may not keep the process.
      setTimeout(() => process.exit(1), longest).unref();
      void close(signal).then(() => process.exit(0));
    };
  };
}
