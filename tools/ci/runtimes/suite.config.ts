import { configDefaults, defineConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';

/**
 * How the tests of a package run on another Node than this one: vitest itself stays here, and the processes that it runs
 * the tests in are of the other. So are those that the tests start.
 */
const { EM_NODE = '', EM_NODE_VERSION = '' } = process.env;
// The program that node:child_process forks by default.
process.execPath = EM_NODE;

/** They run the programs in docs/ as they stand there: with types and with `using`, which Node takes from 24 on. */
const PAGES = ['test/docs/**'];
const takesPages = Number.parseInt(EM_NODE_VERSION, 10) >= 24;

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    pool: 'forks',
    exclude: [...configDefaults.exclude, ...(takesPages ? [] : PAGES)],
    setupFiles: [new URL('suite.setup.ts', import.meta.url).pathname],
  },
});
