import { defineConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';

/** Runs the device tests of all packages. `set-up.sh` starts this in the virtual machine. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    root: `${import.meta.dirname}/../../..`,
    include: ['packages/*/test/**/*.device.test.ts', 'tools/ci/machine/*.device.test.ts'],
    exclude: process.env['EM_SMOKE'] ? [] : ['**/{runtimes,drop-ins}.device.test.ts'],
    // The tests share the devices, for example the CAN bus.
    fileParallelism: false,
    // Starting a process takes seconds where the processor is emulated.
    isolate: false,
    outputFile: { json: '/run/results/test-report.json' },
  },
});
