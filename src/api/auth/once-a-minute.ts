// Limits log lines to one per minute and source, so that nobody can fill the log with requests.

const minute = 60_000;
/** The number of sources remembered; beyond it the oldest are forgotten. */
const mostSources = 5_000;

/**
 * Returns how many lines of this source were left out since the last one, or `undefined` if this one is to be left out
 * too.
 */
type OnceAMinute = (source: string) => number | undefined;

export function onceAMinute(now = () => Date.now()): OnceAMinute {
  const told = new Map<string, { at: number; leftOut: number }>();
  return (source) => {
    const at = now();
    const last = told.get(source);
    // A clock that was set back must not suppress lines for longer.
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
