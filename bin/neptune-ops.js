#!/usr/bin/env node
// The command: what was built, or the source where it is newer.
import { buildIsCurrent } from './build-stamp.js';

if (buildIsCurrent()) {
  await import(new URL('../dist/src/cli/main.js', import.meta.url).href);
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import(new URL('../src/cli/main.ts', import.meta.url).href);
}
