/** `node:fs`, which Node has loaded already. An `import` would also load the streams, which takes longer than the rest. */
export const fs: typeof import('node:fs') = process.getBuiltinModule('node:fs');
