// Whether the package's build is that of its sources: `npm run build` leaves a digest of what it compiled.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'dist/stamp');
const compiled = ['src', 'emulator', 'demo'];

/** By content, for times of files change in copies and images; takes some milliseconds. */
function digestOfSources() {
  const digest = createHash('sha256');
  const files = compiled.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  for (const file of [...files, join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json')].toSorted()) {
    const content = readFileSync(file);
    digest.update(`${file.slice(root.length)} ${content.length}\n`).update(content);
  }
  return digest.digest('hex');
}

/** What is installed has no sources; there the build is all there is. */
export function buildIsCurrent() {
  if (!existsSync(join(root, 'src'))) return true;
  try {
    return readFileSync(stamp, 'utf8') === digestOfSources();
  } catch {
    return false;
  }
}

/** @param {string} digest what the sources were before they were compiled */
export function stampBuild(digest) {
  writeFileSync(stamp, digest);
}

export { digestOfSources };
