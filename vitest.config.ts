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
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
