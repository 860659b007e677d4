// The package's version, read from its own package.json wherever this file runs: from source or from the build.
import { existsSync, readFileSync } from 'node:fs';

function findPackage(folder: URL): URL {
  const file = new URL('package.json', folder);
  return existsSync(file) ? file : findPackage(new URL('..', folder));
}

export const { version } = JSON.parse(readFileSync(findPackage(new URL('.', import.meta.url)), 'utf8')) as {
  readonly version: string;
};
