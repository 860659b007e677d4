// The package's version, from its package.json, for the source and for the build.
import { existsSync, readFileSync } from 'node:fs';

function findPackage(folder: URL): URL {
  const file = new URL('package.json', folder);
  return existsSync(file) ? file : findPackage(new URL('..', folder));
}

export const { version } = JSON.parse(readFileSync(findPackage(new URL('.', import.meta.url)), 'utf8')) as {
  readonly version: string;
};
