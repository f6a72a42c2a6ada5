import { defineConfig } from 'vitest/config';

/** One file per runtime, one after the other. `pnpm test:runtimes bun node22` runs two of them. */
export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['*.runtime.ts'],
    globalSetup: './tools/ci/runtimes/prepare.ts',
    fileParallelism: false,
    reporters: ['default', 'json'],
    outputFile: { json: `${import.meta.dirname}/test-report.json` },
  },
});
