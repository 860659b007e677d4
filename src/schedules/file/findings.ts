// Collects the findings about a schedules file. Every finding has a line and a column, and says what to do.
import type { z } from 'zod';
import type { FileFinding, FilePosition } from '../schedule.ts';
import { type Path, type PlacedYaml, pathText } from './yaml-positions.ts';

/** The settings that a file is checked against. */
export interface KnownTargets {
  readonly targets: readonly { readonly name: string }[];
}

/** What the readers of a file's parts share. */
export interface Context {
  readonly findings: Findings;
  readonly targets: KnownTargets;
  /** The valid lists of dates, by name. */
  readonly holidays: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds. */
  readonly now: number;
}

/** The limit of findings for one file. */
const most = 100;
/** In letters. */
const longestMessage = 1_000;

/** The findings of one file. */
export class Findings {
  readonly yaml: PlacedYaml;
  readonly #all: FileFinding[];

  constructor(yaml: PlacedYaml) {
    this.yaml = yaml;
    this.#all = [...yaml.findings];
  }

  error(path: Path, message: string): void {
    this.#add('error', this.yaml.placeOf(path), path, message);
  }

  /** Adds an error about a key with its value, or about a key that should not be there. */
  errorAtKey(path: Path, message: string): void {
    this.#add('error', this.yaml.keyPlaceOf(path), path, message);
  }

  warning(path: Path, message: string): void {
    this.#add('warning', this.yaml.placeOf(path), path, message);
  }

  warningAtKey(path: Path, message: string): void {
    this.#add('warning', this.yaml.keyPlaceOf(path), path, message);
  }

  add(finding: FileFinding): void {
    this.#all.push(finding);
  }

  /** Whether there is a finding about this top-level key. */
  mentions(path: string): boolean {
    return this.#all.some((finding) => finding.path === path);
  }

  /** Enough was found: more would not be shown. */
  get isFull(): boolean {
    return this.#all.length > most;
  }

  get hasErrors(): boolean {
    return this.#all.some(({ level }) => level === 'error');
  }

  /** In the order of the file, up to the limit. */
  list(): readonly FileFinding[] {
    const sorted = this.#all.toSorted((a, b) => a.line - b.line || a.column - b.column);
    if (sorted.length <= most) return sorted;
    const { line, column } = sorted[most]!;
    const message = `And ${sorted.length - most} more from here on. Correct these first.`;
    return [...sorted.slice(0, most), { level: 'error', line, column, path: '', message }];
  }

  /** The value, if it fits the schema. Otherwise `undefined`, with a finding for each mismatch. */
  shaped<Shape extends z.ZodType>(shape: Shape, value: unknown, path: Path): z.output<Shape> | undefined {
    const parsed = shape.safeParse(value, { reportInput: true });
    if (parsed.success) return parsed.data;
    // A misspelt key isn't reported as missing as well.
    const misspelt = parsed.error.issues.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return [];
      return issue.keys.map((key) => pathText([...issue.path, nearest(key, issue.message.split(', ')) ?? key]));
    });
    for (const issue of parsed.error.issues) {
      if (issue.input !== undefined || !misspelt.includes(pathText(issue.path))) this.#issue(issue, path);
    }
    return undefined;
  }

  #issue(issue: z.core.$ZodIssue, base: Path): void {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const known = issue.message.split(', ');
      for (const key of issue.keys) this.errorAtKey([...path, key], unknownKey(key, known));
      return;
    }
    if (issue.code === 'invalid_union') {
      // The member of the union that was meant: the value has its type, but something inside is wrong.
      const meant = issue.errors.find((issues) =>
        issues.every((inner) => inner.path.length > 0 || inner.code !== 'invalid_type'),
      );
      if (meant && meant.length > 0 && issue.input !== undefined) {
        for (const inner of meant) this.#issue({ ...inner, path: [...issue.path, ...inner.path] }, base);
        return;
      }
    }
    if (issue.code === 'invalid_key') {
      const rule = issue.issues[0]?.message ?? issue.message;
      this.errorAtKey(path, `“${String(path.at(-1))}” can't be a name here: ${rule}.`);
      return;
    }
    const rule = issue.message.replace(/\.$/, '');
    if (issue.input === undefined && issue.path.length > 0) {
      this.errorAtKey(path.slice(0, -1), `${String(path.at(-1))} is missing: ${rule}.`);
    } else this.error(path, `${shown(issue.input)} isn't right: ${rule}.`);
  }

  #add(level: FileFinding['level'], place: FilePosition, path: Path, message: string): void {
    this.#all.push({ level, ...place, path: pathText(path), message: clipped(message) });
  }
}

const elsewhere: Readonly<Record<string, string>> = {
  policy: 'a schedule with running',
  priority: 'a schedule with running',
  stop: 'a schedule with running',
  except: 'a schedule with running',
  once: 'a schedule with running',
  running: 'a schedule without cron',
  operation: 'a schedule with cron',
  input: 'a schedule with cron',
  cron: 'a schedule without running',
};

function unknownKey(key: string, known: readonly string[]): string {
  const keys = `The keys here are ${known.join(', ')}.`;
  if (key === '<<') return `Merge keys (<<) are not part of this format. Write the keys out. ${keys}`;
  const meant = nearest(key, known);
  if (meant !== undefined) return `There is no key “${key}” here. Did you mean “${meant}”? ${keys}`;
  const home = elsewhere[key];
  return `There is no key “${key}” here.${home ? ` It belongs to ${home}.` : ''} ${keys}`;
}

/** A message repeats what stands in the file, which may be long. */
function clipped(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message;
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'Nothing';
  const text =
    typeof value === 'string' ? `“${value}”` : typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Comparing takes time for each letter of both: beyond these, nobody has misspelt anything. */
const [longestWord, mostWords] = [100, 1_000];

/** The known word that is nearest to a misspelt one, if any is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_ ]/g, '');
  if (word.length > longestWord) return undefined;
  let best: { readonly text: string; readonly steps: number } | undefined;
  let looked = 0;
  for (const text of known) {
    if (++looked > mostWords) break;
    const steps = distance(plain(word), plain(text));
    if (steps <= Math.max(1, Math.floor(text.length / 3)) && (best === undefined || steps < best.steps))
      best = { text, steps };
  }
  return best?.text;
}

/** The number of letters to add, remove, exchange or swap with their neighbour. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 12) return Infinity;
  let [before, previous] = [[] as number[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let steps = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + same);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        steps = Math.min(steps, before[column - 2]! + 1);
      }
      current.push(steps);
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length]!;
}
