// What an import brings with it, by reading the sources. It must load nothing itself.
import { readFileSync } from 'node:fs';

/** What is loaded with a module: all that is not imported as a type only, nor when it is first needed. */
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
