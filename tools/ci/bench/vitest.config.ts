import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Asks each question of the bench once, with next to no effort: so each contestant is built, and started. */
export default defineConfig({
  test: {
    dir: join(import.meta.dirname, '../../../packages/bench/test'),
    include: ['questions.bench.ts'],
    reporters: ['default', 'json'],
    outputFile: { json: `${import.meta.dirname}/test-report.json` },
  },
});
