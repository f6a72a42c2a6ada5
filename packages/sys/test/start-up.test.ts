import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

/** A fifth more than when this was written. */
const MAX_BYTES = 190_000;

// Each version of Node loads other modules of its own.
describe.skipIf(!process.version.startsWith('v24.'))('on Node 24', () => {
  let builtins: readonly string[];
  let files: Readonly<Record<string, number>>;

  beforeAll(() => {
    const program = join(import.meta.dirname, 'programs/start-up.mjs');
    ({ builtins, files } = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })));
  });

  test('an import of the package and a new manager load no streams, no worker threads, and hardly any built-in module', () => {
    const ofTheLoader = /^internal\/(modules|url)/;
    expect(builtins.filter((module) => !ofTheLoader.test(module))).toEqual(['os']);
  });

  test('an import of the package reads two files of it and one of core', () => {
    expect(Object.keys(files).sort()).toEqual(['core/dist/index.js', 'sys/dist/index.js', 'sys/dist/load-addon.js']);
  });

  test('the files that an import reads stay small', () => {
    const bytes = Object.values(files).reduce((sum, length) => sum + length);
    expect(bytes).toBeLessThan(MAX_BYTES);
  });
});
