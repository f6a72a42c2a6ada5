import { defineConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';

/** How the tests of `@em/sys` run with a sanitizer: as ever, but for where their report goes. */
export default defineConfig({
  ...base,
  test: { ...base.test, reporters: ['default', ['json', { outputFile: process.env['EM_REPORT'] ?? '' }]] },
});
