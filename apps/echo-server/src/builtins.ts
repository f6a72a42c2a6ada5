// Parts of Node that are loaded without what an `import` of them would load.

/** `node:fs`, without the streams. */
export const fs: typeof import('node:fs') = process.getBuiltinModule('node:fs');

/** For LogTape, in place of its `import` of `node:util`, which would evaluate the getters of that module. */
export const inspect: typeof import('node:util').inspect = process.getBuiltinModule('node:util').inspect;
