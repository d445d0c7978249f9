/** The ordinary test suite: everything under test/ that needs neither a browser nor the network. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/long/**'],
    setupFiles: ['test/support/fixed-seed.ts'],
    pool: 'forks',
    // Files share what they import: no test keeps state in a module, and importing took most of the time.
    isolate: false,
    maxWorkers: 2,
    // A guard against what never ends, not a measure: a busy machine takes its time.
    testTimeout: 240_000,
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reportsDirectory: 'coverage' },
  },
});
