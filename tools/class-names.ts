// After the build of a package: gives its classes the names again that users import. A class that refers to itself comes
// out of esbuild as `var UdpSocket = class _UdpSocket {`, and warnings and inspection show the second name. With keepNames,
// each closure that is made would be named as well, which takes 200 ns.

import { globSync, readFileSync, writeFileSync } from 'node:fs';

for (const path of globSync('dist/*.js')) {
  const built = readFileSync(path, 'utf8');
  const names = [...built.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name);
  const inner = new RegExp(`\\b_(?=(?:${names.join('|')})\\b)`, 'g');
  writeFileSync(path, names.length === 0 ? built : built.replace(inner, ''));
}
