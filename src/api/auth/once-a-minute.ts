// Lets one line a minute and source be written, so that nobody fills the log by asking.

const minute = 60_000;
/** Sources that are remembered; beyond it the oldest are forgotten. */
const mostSources = 5_000;

/** Answers how many lines of this source were left out since the last one, or `undefined` where this one is to be left out too. */
export type OnceAMinute = (source: string) => number | undefined;

export function onceAMinute(now = () => Date.now()): OnceAMinute {
  const told = new Map<string, { at: number; leftOut: number }>();
  return (source) => {
    const at = now();
    const last = told.get(source);
    // A clock that was set back must not keep lines out for longer.
    if (last !== undefined && at - last.at < minute && at >= last.at) {
      last.leftOut += 1;
      return undefined;
    }
    told.delete(source);
    told.set(source, { at, leftOut: 0 });
    const [oldest] = told.keys();
    if (told.size > mostSources && oldest !== undefined) told.delete(oldest);
    return last?.leftOut ?? 0;
  };
}
