// Runs node-gyp against the headers of the Node that runs this, where it brings them, and else those node-gyp fetches.

import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * Builds the addon in `folder/build`, for this machine or, with a compiler for it, for another kind.
 *
 * @param {string} folder - Has `binding.gyp` and the sources.
 * @param {{ arch: string, cxx: string }} [target]
 * @returns {string} The file that was made.
 */
export function rebuild(folder, target) {
  const cxx = target?.cxx ?? process.env['CXX'] ?? 'g++';
  requireTools([cxx, 'make', process.env['PYTHON'] ?? 'python3']);
  const nodeGyp = require.resolve('node-gyp/bin/node-gyp.js');
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
  const arch = target === undefined ? [] : [`--arch=${target.arch}`];
  const args = [nodeGyp, 'rebuild', '--loglevel=warn', '--jobs=max', `--directory=${folder}`, ...headers, ...arch];
  const env = { ...process.env, CXX: cxx, MAKEFLAGS: '--silent' };
  if (headers.length > 0) {
    delete env['npm_config_nodedir']; // it would go before the flag
  }
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
  return join(folder, 'build/Release/em_sys.node');
}

/**
 * Ends the process if one of these is not there.
 *
 * @param {readonly string[]} tools
 * @param {string} [packages] - What of Debian has them.
 */
export function requireTools(tools, packages = 'g++ make python3') {
  const missing = tools.filter((tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0);
  if (missing.length > 0) {
    fail(
      `@em/sys is built from source here and needs ${missing.join(', ')}, not found on this machine. On Debian and Ubuntu: apt-get install ${packages}`,
    );
  }
}

/** Ends the process with a message for a person. */
export function fail(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}
