import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundle } from './bundle.js';

test('minified and compressed, it takes 6 kB at most', () => {
  expect(gzipSync(bundle(), { level: 9 }).byteLength).toBeLessThanOrEqual(6_000);
});

test('there is nothing to resolve: neither a dependency nor a built-in module', () => {
  expect(bundle()).not.toMatch(/\bimport\b|\brequire\b/);
});
