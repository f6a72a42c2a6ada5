import { defineConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';

/** Runs the device tests of all packages. `set-up.sh` starts this in the virtual machine. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    root: `${import.meta.dirname}/../../..`,
    include: ['packages/*/test/**/*.device.test.ts', 'tools/ci/machine/*.device.test.ts'],
    exclude: [],
    outputFile: { json: '/run/results/test-report.json' },
  },
});
