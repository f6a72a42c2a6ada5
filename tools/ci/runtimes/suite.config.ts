import { defineConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';

/**
 * Runs the tests of a package on another version of Node. Vitest itself runs on this version; its worker processes, and
 * the processes that tests start, run on the other.
 */
const { EM_NODE = '', EM_NODE_VERSION = '' } = process.env;
// The program that node:child_process forks by default.
process.execPath = EM_NODE;

/** Tests that run the programs in docs/, which have types and `using`. Node supports both from version 24 on. */
const PAGES = ['test/docs/**'];
const takesPages = Number.parseInt(EM_NODE_VERSION, 10) >= 24;

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    pool: 'forks',
    exclude: [...(base.test?.exclude ?? []), ...(takesPages ? [] : PAGES)],
    setupFiles: [new URL('suite.setup.ts', import.meta.url).pathname],
  },
});
