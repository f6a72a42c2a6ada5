// Runs after the build of a package, and restores the names of its classes. esbuild writes a class that refers to
// itself as `var UdpSocket=class _UdpSocket{`, or `class UdpSocket2{`, so warnings and inspection would show the second
// name. The option keepNames would also name every closure, which costs 200 ns each.

import { globSync, readFileSync, writeFileSync } from 'node:fs';

for (const path of globSync('dist/*.js')) {
  let built = readFileSync(path, 'utf8');
  for (const [, name = '', inner = ''] of built.matchAll(/\b(\w+)\s?=\s?class (_\1|\1\d+)\b/g)) {
    // Of the same length, so that the source map still fits.
    built = built.replaceAll(new RegExp(`\\b${inner}\\b`, 'g'), name.padEnd(inner.length));
  }
  writeFileSync(path, built);
}
