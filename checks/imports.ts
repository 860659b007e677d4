// Finds every import that the list of allowed imports doesn't allow. oxlint finds cycles.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { type Node, Visitor, parseSync } from 'oxc-parser';
import { type Entry, computed } from './allowed-imports.ts';

const listFile = 'checks/allowed-imports.ts';
const unread = new Set(['node_modules', 'dist']);

interface Import {
  line: number;
  /** `undefined` if it is computed at run time. */
  specifier: string | undefined;
  dynamic: boolean;
}

/**
 * The faults of the imports in a folder, one sentence each: an import that isn't allowed or leads to no file, a file
 * without an entry, an entry or an allowance that nothing uses. Throws if a file or folder can't be read.
 */
export function importFaults(root: string, entries: readonly Entry[]): string[] {
  const faults: string[] = [];
  const used = new Map(entries.map((entry) => [entry, new Set<string>()]));
  for (const file of sources(root)) {
    const [place, entry] = entryOf(file, entries);
    if (entry === undefined) {
      faults.push(`${file}: no entry of ${listFile} speaks for this file. Add its folder to the list.`);
      continue;
    }
    used.get(entry)?.add(place);
    const { imports, errors } = importsOf(file, readFileSync(join(root, file), 'utf8'));
    faults.push(...errors.map((error) => `${file}: its imports can't be read. ${error}`));
    for (const each of imports) {
      const target = targetOf(file, each.specifier);
      const at = `${file}:${each.line}: ${each.dynamic ? 'import()' : 'import'} of ${target}`;
      if (each.specifier?.startsWith('.') && !statSync(join(root, target), { throwIfNoEntry: false })?.isFile())
        faults.push(`${at}: there is no such file. Write the path from this file, with its extension.`);
      else if (entryOf(target, entries)[1] !== entry) {
        const allowance = allowanceFor(entry, target, each.dynamic);
        if (allowance === undefined) faults.push(`${at} is refused: ${refusal(entry, place, target)}`);
        else used.get(entry)?.add(allowance);
      }
    }
  }
  for (const [{ of, imports, dynamically = [] }, uses] of used) {
    for (const place of of.filter((each) => !uses.has(each)))
      faults.push(`${listFile}: the entry of "${place}" speaks for no file. Remove it, or correct its path.`);
    for (const allowance of [...imports, ...dynamically].filter((each) => !uses.has(each)))
      faults.push(`${listFile}: nothing in "${of.join('", "')}" uses its right to import "${allowance}". Remove it.`);
  }
  return faults;
}

/** The longest name that covers the file, and its entry. */
function entryOf(file: string, entries: readonly Entry[]): [string, Entry] | [string, undefined] {
  let found: [string, Entry] | [string, undefined] = ['', undefined];
  for (const entry of entries)
    for (const place of entry.of) if (covers(place, file) && place.length > found[0].length) found = [place, entry];
  return found;
}

function allowanceFor({ imports, dynamically = [] }: Entry, target: string, dynamic: boolean): string | undefined {
  return [...(dynamic ? dynamically : []), ...imports].find((allowance) => covers(allowance, target));
}

function refusal(entry: Entry, place: string, target: string): string {
  if (allowanceFor(entry, target, true) !== undefined)
    return `"${place}" may reach it by \`await import()\` only, so that it is loaded only where it is needed (${listFile}).`;
  return `the entry of "${place}" in ${listFile} doesn't allow it. Move the code to a folder that may import it; add it to the entry only if the folder's purpose has changed.`;
}

function covers(allowance: string, target: string): boolean {
  return /[/:]$/.test(allowance) ? target.startsWith(allowance) : target === allowance;
}

/** The path from the project's root, or the name of the package or Node module. */
function targetOf(file: string, specifier: string | undefined): string {
  if (specifier === undefined) return computed;
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier);
  const [first = '', second] = specifier.replace(/^node:/, '').split('/');
  if (isBuiltin(specifier)) return `node:${first}`;
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function importsOf(file: string, text: string): { imports: Import[]; errors: string[] } {
  const { program, errors } = parseSync(file, text);
  const imports: Import[] = [];
  const add = (source: Node | null, dynamic = false) => {
    if (source === null) return;
    const line = text.slice(0, source.start).split('\n').length;
    imports.push({ line, specifier: literal(source), dynamic });
  };
  new Visitor({
    ImportDeclaration: ({ source }) => add(source),
    ExportNamedDeclaration: ({ source }) => add(source),
    ExportAllDeclaration: ({ source }) => add(source),
    TSImportType: ({ source }) => add(source),
    TSExternalModuleReference: ({ expression }) => add(expression),
    ImportExpression: ({ source }) => add(source, true),
  }).visit(program);
  return { imports, errors: errors.map(({ message }) => message) };
}

function literal(source: Node): string | undefined {
  if (source.type === 'Literal' && typeof source.value === 'string') return source.value;
  if (source.type === 'TemplateLiteral' && source.expressions.length === 0)
    return source.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

function sources(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((found) => {
    const path = posix.join(folder, found.name);
    // A running service changes data/ meanwhile.
    const skipped = unread.has(found.name) || found.name.startsWith('.') || path === 'data';
    if (found.isDirectory()) return skipped ? [] : sources(root, path);
    return /\.[cm]?[jt]sx?$/.test(found.name) ? [path] : [];
  });
}
