// Vitest's global set-up: a folder for what is made once per run, removed at its end. It makes nothing else, because a
// run of one file may need none of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    readonly runFolder: string;
  }
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-run-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let run = 0;
  const provide = () => project.provide('runFolder', join(folder, String((run += 1))));
  provide();
  // Under `vitest watch` the source has changed.
  project.onTestsRerun(provide);
  return remove;
}
