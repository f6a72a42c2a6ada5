import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundle } from './bundle.js';

test('the minified and compressed package has at most 9.4 kB', () => {
  expect(gzipSync(bundle(), { level: 9 }).byteLength).toBeLessThanOrEqual(9_400);
});

test('the package imports nothing: no dependency, no built-in module', () => {
  expect(bundle()).not.toMatch(/\bimport\b|\brequire\b/);
});
