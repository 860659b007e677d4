import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** What is loaded with a module: all that is not imported as a type only, nor when it is first needed. */
function loadedBy(module: URL, loaded = new Set<string>()): Set<string> {
  if (loaded.has(module.pathname)) return loaded;
  loaded.add(module.pathname);
  const imports = readFileSync(module, 'utf8').matchAll(/^(?:import|export)(?! type )[^;]*? from '([^']+)';/gm);
  for (const [, specifier = ''] of imports) {
    if (specifier.startsWith('.')) loadedBy(new URL(specifier, module), loaded);
    else loaded.add(specifier);
  }
  return loaded;
}

it('the package is imported without the service: no AWS SDK, no queue, no schema library', () => {
  const root = new URL('../../src/', import.meta.url);
  const loaded = [...loadedBy(new URL('index.ts', root))].map((name) => name.replace(root.pathname, ''));
  expect(loaded).toContain('client/http-client.ts');
  expect(loaded.filter((name) => !/^(index\.ts|client\/.*|node:.*)$/.test(name))).toEqual([]);
});
