// The simulation of four weeks, apart from the suite because it takes minutes.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'test/support/run-folder.ts',
    include: ['test/weeks/*.sim.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', AWS_REGION: 'eu-west-1' },
  },
});
