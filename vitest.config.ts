// Vitest's configuration: few processes, because tests share what is costly to make. No setting here may make a test
// pass.
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';
import { patience } from './test/support/patience.ts';
import { longOnes } from './vitest.long.config.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: longOnes,
    globalSetup: 'test/support/run-folder.ts',
    // Most tests wait for locks, time-outs and processes, not for a core.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    // Loading the SDK again for every file costs more than most files do. No file keeps state in modules.
    isolate: false,
    // Longer than any single wait in a test, so that the wait fails first and says what is missing.
    testTimeout: 2 * patience,
    hookTimeout: 2 * patience,
    expect: { poll: { timeout: patience } },
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', AWS_REGION: 'eu-west-1' },
  },
});
