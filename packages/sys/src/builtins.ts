/**
 * `node:fs`, which Node has loaded already. An `import` would also load the streams, because it evaluates the getters
 * of the module: that is a third of the time that this package takes to load.
 */
export const fs: typeof import('node:fs') = process.getBuiltinModule('node:fs');
