import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The built package is loaded by Node itself, as an application would load it.
    server: { deps: { external: [/\/dist\//] } },
    // Tests that use dist/ fail if the build is stale.
    globalSetup: ['test/support/fresh-build.js'],
    setupFiles: ['test/support/require-build.js'],
    pool: 'forks',
    // Most tests wait for processes and timers. Vitest's own choice on two processors is one worker, which takes 1.8 times as long.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
