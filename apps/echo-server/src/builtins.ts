/** `node:fs`, without the streams that an `import` would load. */
export const fs: typeof import('node:fs') = process.getBuiltinModule('node:fs');
