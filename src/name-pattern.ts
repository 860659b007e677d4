// Patterns of names, in which `*` stands for any letters: in schedules and in the reach of API keys. A regular expression
// would take time exponential in the number of stars; this takes each letter of the name once for each part at most.

/** Letters of one pattern in a file, at most; longer than any name it could fit. */
export const longestPattern = 200;

/** A test of whole names against the pattern. Letters are compared as they are. */
export function compilePattern(pattern: string): (name: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return (name) => name === pattern;
  return (name) => {
    if (!name.startsWith(first)) return false;
    let at = first.length;
    for (const part of others) {
      // The first place that fits leaves the most to those that follow.
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return name.length - last.length >= at && name.endsWith(last);
  };
}

export function fitsPattern(pattern: string, name: string): boolean {
  return compilePattern(pattern)(name);
}

export function fitsAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => fitsPattern(pattern, name));
}
