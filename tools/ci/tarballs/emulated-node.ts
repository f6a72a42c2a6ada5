import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Runtime } from '../runtimes/runtimes.ts';
import { FOREIGN } from './programs.ts';

/** What Debian's `libc6-arm64-cross` and `libstdc++6-arm64-cross` install. */
const ARM64_ROOT = '/usr/aarch64-linux-gnu';

/** A line of Node for arm64 as a command in `folder`, of which the programs that it runs believe that it is Node. */
export function emulatedNode(line: number, folder: string): Runtime {
  const node = join(FOREIGN, `node${line}-linux-arm64`);
  const { version } = JSON.parse(readFileSync(join(node, 'package.json'), 'utf8')) as { version: string };
  const executable = join(folder, `node${line}`);
  const script = `#!/bin/sh\nexec qemu-aarch64-static -L ${ARM64_ROOT} ${node}/bin/node "$@"\n`;
  writeFileSync(executable, script, { mode: 0o755 });
  // What they start by it would not be emulated else.
  const preload = `${executable}.mjs`;
  writeFileSync(preload, `process.execPath = ${JSON.stringify(executable)};\n`);
  return { name: 'node', version, executable, options: ['--import', preload] };
}
