// The tests run under `node:test`, and under vitest, which sets this variable.

const runner = process.env['VITEST'] === undefined ? await import('node:test') : await import('vitest');

export const test: (title: string, run: () => Promise<void>) => unknown = runner.test;
