// Runs after the build of a package, and restores the names of its classes. esbuild writes a class that refers to
// itself as `var UdpSocket=class _UdpSocket{`, so warnings and inspection would show the second name. The option
// keepNames would also name every closure, which costs 200 ns each.

import { globSync, readFileSync, writeFileSync } from 'node:fs';

for (const path of globSync('dist/*.js')) {
  const built = readFileSync(path, 'utf8');
  const names = [...built.matchAll(/\b(\w+)\s?=\s?class _\1\b/g)].map(([, name]) => name);
  const inner = new RegExp(`\\b_(?=(?:${names.join('|')})\\b)`, 'g');
  // By a space, so that the source map still fits.
  writeFileSync(path, names.length === 0 ? built : built.replace(inner, ' '));
}
