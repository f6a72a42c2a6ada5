// Builds the addon for each architecture that the package supports, with the cross compilers of Debian.
// `node prebuild.js [folder]`: the folder for the files, by default `prebuilds` of the package.

import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rebuild, requireTools } from './gyp.js';

const targets = [
  { arch: 'x64', cxx: 'x86_64-linux-gnu-g++' },
  { arch: 'arm64', cxx: 'aarch64-linux-gnu-g++' },
];

// Checks all of them before the first build.
requireTools(
  targets.map(({ cxx }) => cxx),
  `g++ make python3 g++-${process.arch === 'arm64' ? 'x86-64' : 'aarch64'}-linux-gnu`,
);

const native = import.meta.dirname;
const prebuilds = resolve(process.argv[2] ?? join(native, '../prebuilds'));
// A build empties `native/build`, so it happens in a copy. The copy is in the package, so that it finds node-addon-api.
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
