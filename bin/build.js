// `npm run build`: compiles, prepares the embedded store's database, and stamps what came of it. With `--if-stale`, which
// `npm ci` runs, it builds only what isn't built yet, and a failure is told but keeps nothing from being installed.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildIsCurrent, digestOfSources, stampBuild } from './build-stamp.js';

const root = new URL('..', import.meta.url);
const inRoot = (path) => fileURLToPath(new URL(path, root));
const ifStale = process.argv.includes('--if-stale');

async function build() {
  const digest = digestOfSources();
  for (const part of ['stamp', 'src', 'emulator', 'demo'])
    rmSync(inRoot(`dist/${part}`), { recursive: true, force: true });
  const compile = [inRoot('node_modules/typescript/bin/tsc'), '-p', inRoot('tsconfig.build.json')];
  execFileSync(process.execPath, compile, { stdio: 'inherit' });
  const { preparedDatabase } = await import(new URL('dist/src/queue/prepared-database.js', root).href);
  await preparedDatabase();
  stampBuild(digest);
}

try {
  if (!ifStale || !buildIsCurrent()) await build();
} catch (error) {
  if (!ifStale) throw error;
  console.error(`neptune-ops was not built, and runs from its source: ${error.message}`);
}
