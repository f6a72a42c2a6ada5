// Builds the addon for the Node that runs this, against its own headers where it brings them.

import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const here = import.meta.dirname;

if (process.platform !== 'linux') {
  fail(
    `@em/sys is made of Linux system calls and cannot be built on ${process.platform}. @em/core and @em/testing work on every platform: pnpm --filter @em/core --filter @em/testing test`,
  );
}

const tools = [process.env['CXX'] ?? 'g++', 'make', process.env['PYTHON'] ?? 'python3'];
const missing = tools.filter((tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0);
if (missing.length > 0) {
  fail(
    `@em/sys is built from source here and needs ${missing.join(', ')}, not found on this machine. On Debian and Ubuntu: apt-get install g++ make python3`,
  );
}

const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
const prefix = dirname(dirname(realpathSync(process.execPath)));
const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
const { status } = spawnSync(
  process.execPath,
  [nodeGyp, 'rebuild', '--loglevel=warn', '--jobs=max', `--directory=${here}`, ...headers],
  { stdio: 'inherit', env: { ...process.env, MAKEFLAGS: '--silent' } },
);
process.exit(status ?? 1);

function fail(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}
