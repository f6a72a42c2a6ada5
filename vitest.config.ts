import { configDefaults, defineConfig } from 'vitest/config';

/** How the tests of every package run. Each run leaves a report for the sums that `.ci/run` prints. */
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // `pnpm test:devices` runs those.
    exclude: [...configDefaults.exclude, '**/*.device.test.ts'],
    reporters: ['default', 'json'],
    outputFile: { json: 'test-report.json' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: Number(process.env['EM_TEST_RETRIES'] ?? 0),
    coverage: { include: ['src/**'], reporter: ['text'] },
  },
});
