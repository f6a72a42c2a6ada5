import { configDefaults, defineConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';

/** How the tests of `@em/sys` run with a sanitizer. Their report goes elsewhere. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    // It replaces functions of libc, as the sanitizer does.
    exclude: [...configDefaults.exclude, '**/rare-outcomes.test.ts'],
    reporters: ['default', ['json', { outputFile: process.env['EM_REPORT'] ?? '' }]],
  },
});
