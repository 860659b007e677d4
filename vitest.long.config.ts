// What takes minutes or a browser, apart from the suite: four weeks and a day of schedules, the pages in Chromium, the
// dashboard on a real Prometheus, a service killed at every moment, a crash at every step on every store, the package as it is
// installed, an operation added to a copy of the project.
import { defineConfig } from 'vitest/config';
import { patience } from './test/support/patience.ts';

export const longOnes = [
  'test/weeks/*.sim.ts',
  'test/**/*.browser.test.ts',
  'test/monitoring/dashboard.test.ts',
  'test/adding-an-operation.test.ts',
  'test/**/*.every.test.ts',
  'test/packed.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: 'test/support/run-folder.ts',
    include: [...longOnes, 'test/workers/crash.test.ts'],
    // Two of them wait for most of their time.
    maxWorkers: 3,
    testTimeout: 2 * patience,
    hookTimeout: 2 * patience,
    expect: { poll: { timeout: patience } },
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', AWS_REGION: 'eu-west-1', EVERY_CRASH: 'yes' },
  },
});
