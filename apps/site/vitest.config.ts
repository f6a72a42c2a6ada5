import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/build.ts'],
    reporters: ['default', 'json'],
    outputFile: { json: 'test-report.json' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: Number(process.env['EM_TEST_RETRIES'] ?? 0),
  },
});
