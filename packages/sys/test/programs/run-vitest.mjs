// Runs a test file with vitest. argv: the pool. Prints the result of its tests.

import { startVitest } from 'vitest/node';

const vitest = await startVitest('test', [], {
  config: false,
  root: import.meta.dirname,
  include: ['under-fake-timers.mjs'],
  pool: process.argv[2],
  reporters: [],
  watch: false,
});
const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
console.log(tests.map((test) => test.result().state).join());
await vitest.close();
