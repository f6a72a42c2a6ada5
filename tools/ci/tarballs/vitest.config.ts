import { defineConfig } from 'vitest/config';

/**
 * The tests of the packages as they are published. They need what is built, and take turns: some take all of the CPU.
 */
export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: './tools/ci/tarballs/pack.ts',
    fileParallelism: false,
    reporters: ['default', 'json'],
    outputFile: { json: `${import.meta.dirname}/test-report.json` },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: Number(process.env['EM_TEST_RETRIES'] ?? 0),
  },
});
