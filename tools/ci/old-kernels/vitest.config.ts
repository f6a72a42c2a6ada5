import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['suites.ts'],
    reporters: ['default', 'json'],
    outputFile: { json: `${import.meta.dirname}/test-report.json` },
  },
});
