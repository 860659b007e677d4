// Parses a YAML text into plain values, each with its line and column. Invalid YAML becomes findings. It stays quick
// and small for any text: aliases are counted and nesting is bounded.
import {
  type Document,
  LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
} from 'yaml';
import type { FileFinding, FilePosition } from '../schedule.ts';

export type Path = readonly PropertyKey[];

export interface PlacedYaml {
  readonly value: unknown;
  readonly findings: readonly FileFinding[];
  /** Where the value of this path is; if it is missing, where the nearest value around it is. */
  placeOf(path: Path): FilePosition;
  /** Where the key of this path is. */
  keyPlaceOf(path: Path): FilePosition;
}

const mostAliases = 100;
/** The limit of nested brackets or indentation. The format itself needs eight levels. */
const deepest = 60;

/** Parses a text. `value` is `undefined` when it isn't YAML; the findings say why. */
export function readYaml(text: string): PlacedYaml {
  const lines = new LineCounter();
  const start: FilePosition = { line: 1, column: 1 };
  const placed = (offset: number): FilePosition => {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? start : { line, column: col };
  };
  const broken = (findings: readonly FileFinding[]): PlacedYaml => {
    return { value: undefined, findings, placeOf: () => start, keyPlaceOf: () => start };
  };
  const error = (place: FilePosition, message: string, path: Path = []): FileFinding => {
    return { level: 'error', ...place, path: pathText(path), message };
  };

  const tooDeep = deepPlace(text);
  if (tooDeep)
    return broken([error(tooDeep, `Nested more than ${deepest} levels deep; no schedules file needs that.`)]);
  // Checked below instead: the library's check for unique keys takes minutes for a file of many keys.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  if (document.errors.length > 0) {
    return broken(document.errors.map(({ pos, message }) => error(placed(pos[0]), yamlMessage(message, text, pos[0]))));
  }
  const findings = [
    ...document.warnings.map(({ pos, message }) => error(placed(pos[0]), `Not plain YAML: ${message}.`)),
    ...doubles(document, (node, path, message) => error(placed(node.range?.[0] ?? 0), message, path)),
  ];
  if (findings.some(({ message }) => message.startsWith('There is no anchor'))) return broken(findings);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch (trouble) {
    return broken([
      error(start, `The aliases (*) can't be followed: ${(trouble as Error).message}. Write things out.`),
    ]);
  }
  return {
    value,
    findings,
    placeOf: (path) => placed(find(document, path).node?.range?.[0] ?? 0),
    keyPlaceOf(path) {
      const { key, node } = find(document, path);
      return placed((key ?? node)?.range?.[0] ?? 0);
    },
  };
}

/** `schedules.office-hours.running[0].to` */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

type Found = { readonly node: Node | undefined; readonly key: Node | undefined };

/** The node of a path and its key, or those of the longest existing part of the path. */
function find(document: Document.Parsed, path: Path): Found {
  let found: Found = { node: document.contents ?? undefined, key: undefined };
  for (const part of path) {
    const within = isAlias(found.node) ? found.node.resolve(document) : found.node;
    if (isMap(within)) {
      const pair = pairsOf(within).get(String(part));
      if (pair === undefined) return found;
      const key = pair.key as Node;
      // `key:` with nothing behind it has only its key's place.
      const node = pair.value as Node | null;
      found = {
        key,
        node: node === null || (isScalar(node) && node.source === '' && !node.type?.startsWith('QUOTE')) ? key : node,
      };
    } else if (isSeq(within)) {
      const item = within.items[part as number] as Node | undefined;
      if (item === undefined) return found;
      found = { key: item, node: item };
    } else return found;
  }
  return found;
}

/** Indexed by key, because searching a map of very many keys for each path is slow. */
const pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
  let known = pairs.get(map);
  if (known === undefined) pairs.set(map, (known = new Map(map.items.map((pair) => [keyText(pair.key), pair]))));
  return known;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function doubles(
  document: Document.Parsed,
  finding: (node: Node, path: Path, message: string) => FileFinding,
): FileFinding[] {
  const found: FileFinding[] = [];
  const look = (node: unknown, path: Path): void => {
    if (isSeq(node)) node.items.forEach((item, index) => look(item, [...path, index]));
    if (isAlias(node) && !node.resolve(document)) {
      found.push(
        finding(node, path, `There is no anchor &${node.source} before this. Texts that begin with * need quotes.`),
      );
    }
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const pair of node.items as Pair<unknown, unknown>[]) {
      if (!isPair(pair)) continue;
      const key = keyText(pair.key);
      if (seen.has(key)) {
        const message = `“${key}” stands here twice; the first would be lost. Take one away, or put both into one.`;
        found.push(finding(pair.key as Node, [...path, key], message));
      }
      seen.add(key);
      look(pair.value, [...path, key]);
    }
  };
  look(document.contents, []);
  return found;
}

/** Where a text is nested too deeply for the parser, which recurses on every level. */
function deepPlace(text: string): FilePosition | undefined {
  const lines = text.split('\n');
  let depth = 0;
  for (const [index, line] of lines.entries()) {
    const column = /^(?:[ ]|[-?:][ ])*/.exec(line)?.[0].length ?? 0;
    const marks = /^(?:\s|[-?:]\s)*/.exec(line)?.[0].match(/[-?:]/g)?.length ?? 0;
    if (marks > deepest || column > 20 * deepest) return { line: index + 1, column: 1 };
    for (let at = 0; at < line.length; at++) {
      const letter = line[at];
      if (letter === '[' || letter === '{') depth++;
      if (letter === ']' || letter === '}') depth = Math.max(0, depth - 1);
      if (depth > deepest) return { line: index + 1, column: at + 1 };
    }
  }
  return undefined;
}

function yamlMessage(message: string, text: string, offset: number): string {
  const plain = message.replace(/\s+/g, ' ').trim();
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0] ?? '';
  const star = /(^|[\s[{,:-])\*/.test(line)
    ? ' A text that begins with * stands in quotes, like "*" or "30 2 * * *".'
    : '';
  const tab = /^\s*\t/.test(line) ? ' YAML is indented by spaces, never by tabs.' : '';
  return `Not YAML: ${plain.replace(/\.?$/, '.')}${star}${tab}`;
}
