import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Many tests wait for locks, locks' time-outs and processes, not for a core.
    maxWorkers: 4,
    // Loading the SDK anew for every file costs more than most files do; no file keeps state in modules.
    isolate: false,
    // Against hanging only: what a test promises of time it asserts itself, and a busy machine takes three times as long.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', AWS_REGION: 'eu-west-1' },
  },
});
