/** For LogTape, in place of its `import` of `node:util`, which would evaluate the getters of that module. */
export const inspect: typeof import('node:util').inspect = process.getBuiltinModule('node:util').inspect;
