// The package's folder, and what its own package.json says of versions, wherever this file runs: from source or from the build.
import { existsSync, readFileSync } from 'node:fs';

function findPackage(folder: URL): URL {
  return existsSync(new URL('package.json', folder)) ? folder : findPackage(new URL('..', folder));
}

export const packageFolder = findPackage(new URL('.', import.meta.url));

const { version: own, dependencies } = JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8')) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
};

export const version = own;

/** The version that a dependency is pinned to. */
export function versionOf(dependency: string): string {
  return dependencies[dependency] ?? 'unknown';
}
