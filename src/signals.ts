// Handles SIGTERM and SIGINT: they end the process at once before it is up, cleanly afterwards, and at once when
// repeated.

const exitCodes = { SIGTERM: 143, SIGINT: 130 } as const;
type Signal = keyof typeof exitCodes;

/** npm passes Ctrl-C on, so it arrives twice. Only a signal after this time is a second request; milliseconds. */
const sameWish = 1_000;

/**
 * Handles both signals from now on, because the first process of a container isn't ended by signals without a handler.
 * Returns a function to call once the process is up: `close` may take `longest` milliseconds, then the process exits
 * with 1.
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
      // Nothing that hangs may keep the process.
      setTimeout(() => process.exit(1), longest).unref();
      void close(signal).then(() => process.exit(0));
    };
  };
}
