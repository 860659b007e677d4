// Finds what an import loads, by reading the sources. It loads nothing itself.
import { readFileSync } from 'node:fs';

/** Everything that is loaded with a module: no type-only imports, and none by `import()`. */
export function loadedBy(module: URL, loaded = new Set<string>()): Set<string> {
  if (loaded.has(module.pathname)) return loaded;
  loaded.add(module.pathname);
  const imports = readFileSync(module, 'utf8').matchAll(/^(?:import|export)(?! type )[^;]*? from '([^']+)';/gm);
  for (const [, specifier = ''] of imports) {
    if (specifier.startsWith('.')) loadedBy(new URL(specifier, module), loaded);
    else loaded.add(specifier);
  }
  return loaded;
}
