// Built-in modules that this package needs, without what an `import` of them would load: it evaluates the getters of the
// module, and so loads the streams (`node:fs`) or the timers that return promises (`node:timers`). `node:worker_threads`
// and `node:v8` need the streams themselves, so they are loaded only when they are used.

export const fs: typeof import('node:fs') = process.getBuiltinModule('node:fs');

/** Not the global one, which fake timers replace. */
export const setImmediate: typeof import('node:timers').setImmediate =
  process.getBuiltinModule('node:timers').setImmediate;

export function workerThreads(): typeof import('node:worker_threads') {
  return process.getBuiltinModule('node:worker_threads');
}

export function v8(): typeof import('node:v8') {
  return process.getBuiltinModule('node:v8');
}
