import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Asks each question of the bench once, with next to no effort: so each contestant is built, and started. */
export default defineConfig({
  test: {
    dir: join(import.meta.dirname, '../../../packages/bench/test'),
    include: ['questions.bench.ts'],
    retry: Number(process.env['EM_TEST_RETRIES'] ?? 0),
    reporters: ['default', 'json'],
    outputFile: { json: `${import.meta.dirname}/test-report.json` },
  },
});
