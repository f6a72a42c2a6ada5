// Builds the addon for every kind of machine the package is published for, with Debian's cross compilers.
// `node prebuild.js [folder]`: where the files go, `prebuilds` of the package if nothing is said.

import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rebuild, requireTools } from './gyp.js';

const targets = [
  { arch: 'x64', cxx: 'x86_64-linux-gnu-g++' },
  { arch: 'arm64', cxx: 'aarch64-linux-gnu-g++' },
];

// All of them, before anything is built.
requireTools(
  targets.map(({ cxx }) => cxx),
  `g++ make python3 g++-${process.arch === 'arm64' ? 'x86-64' : 'aarch64'}-linux-gnu`,
);

const native = import.meta.dirname;
const prebuilds = resolve(process.argv[2] ?? join(native, '../prebuilds'));
// In copies, for a build empties `native/build`; within the package, from where node-addon-api is found.
const copies = join(native, '../build');
mkdirSync(prebuilds, { recursive: true });
mkdirSync(copies, { recursive: true });
for (const target of targets) {
  const folder = mkdtempSync(join(copies, 'prebuild-'));
  try {
    for (const name of ['binding.gyp', 'exports.map', 'src']) {
      cpSync(join(native, name), join(folder, name), { recursive: true });
    }
    copyFileSync(rebuild(folder, target), join(prebuilds, `linux-${target.arch}.node`));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
