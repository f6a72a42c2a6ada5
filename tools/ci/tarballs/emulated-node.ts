import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Runtime } from '../runtimes/runtimes.ts';
import { FOREIGN } from './programs.ts';

/** The folder of the packages `libc6-arm64-cross` and `libstdc++6-arm64-cross` of Debian. */
const ARM64_ROOT = '/usr/aarch64-linux-gnu';

/** Makes a command in `folder` that runs a version of Node for arm64. Programs in it see the command as their Node. */
export function emulatedNode(line: number, folder: string): Runtime {
  const node = join(FOREIGN, `node${line}-linux-arm64`);
  const { version } = JSON.parse(readFileSync(join(node, 'package.json'), 'utf8')) as { version: string };
  const executable = join(folder, `node${line}`);
  const script = `#!/bin/sh\nexec qemu-aarch64-static -L ${ARM64_ROOT} ${node}/bin/node "$@"\n`;
  writeFileSync(executable, script, { mode: 0o755 });
  // Otherwise, the processes that a program starts would not be emulated.
  const preload = `${executable}.mjs`;
  writeFileSync(preload, `process.execPath = ${JSON.stringify(executable)};\n`);
  return { name: 'node', version, executable, options: ['--import', preload] };
}
