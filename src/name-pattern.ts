// Name patterns, in which `*` stands for any letters, for schedules and API keys. A regular expression can take
// exponential time in the number of stars; this takes at most the product of both lengths.

/** The longest pattern in a file, in letters. No name is longer. */
export const longestPattern = 200;

/** A function that matches whole names against the pattern, case-sensitively. */
export function compilePattern(pattern: string): (name: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return (name) => name === pattern;
  return (name) => {
    if (!name.startsWith(first)) return false;
    let at = first.length;
    for (const part of others) {
      // The first match leaves the most for the parts that follow.
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
