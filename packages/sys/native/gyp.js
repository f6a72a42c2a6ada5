// Runs node-gyp with the headers of the running Node if it has them, or else with headers that node-gyp downloads.

import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * Builds the addon in `folder/build`, for this machine, or for another architecture with its compiler.
 *
 * @param {string} folder - The folder with `binding.gyp` and the sources.
 * @param {{ arch: string, cxx: string }} [target]
 * @returns {string} The path of the addon.
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
    delete env['npm_config_nodedir']; // it would override the flag
  }
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
  return join(folder, 'build/Release/em_sys.node');
}

/**
 * Ends the process if one of these tools is missing.
 *
 * @param {readonly string[]} tools
 * @param {string} [packages] - The Debian packages that contain them.
 */
export function requireTools(tools, packages = 'g++ make python3') {
  const missing = tools.filter((tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0);
  if (missing.length > 0) {
    fail(
      `To build @em/sys from source, install ${missing.join(', ')}. On Debian and Ubuntu: apt-get install ${packages}`,
    );
  }
}

/** Prints a message and ends the process. */
export function fail(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}
