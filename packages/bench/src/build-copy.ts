import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { BUILD, NODE_PREFIX } from './compile.ts';
import { CannotRun } from './question.ts';

const require = createRequire(import.meta.url);

/**
 * Builds the addon of a package from npm in a copy of the package, as its install script does, which pnpm does not run.
 *
 * @param installed - The folder of the package, in a folder that pnpm installed.
 * @param dependency - The package whose headers it needs.
 * @param omit - Matches the relative paths that are not copied.
 * @returns The folder of the copy.
 */
export async function buildCopy(installed: string, dependency: string, omit?: RegExp): Promise<string> {
  const from = await realpath(installed);
  const manifest = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as { name: string; version: string };
  const name = `${manifest.name} ${manifest.version}`;
  const folder = join(BUILD, `${manifest.name}-${manifest.version}-node-${process.versions.modules}`);
  if (existsSync(folder)) {
    return folder;
  }
  const copy = `${folder}.${process.pid}`;
  try {
    await mkdir(copy, { recursive: true });
    await cp(from, copy, { recursive: true, filter: (path) => !omit?.test(relative(from, path)) });
    // pnpm puts the dependencies of a package beside it.
    const headers = join(copy, 'node_modules', dependency);
    await cp(join(dirname(from), dependency), headers, { recursive: true, dereference: true });
    const nodeGyp = require.resolve('node-gyp/bin/node-gyp.js');
    // npx sets its own value in the environment, which overrides a flag.
    const env = { ...process.env, npm_config_nodedir: NODE_PREFIX };
    await promisify(execFile)(process.execPath, [nodeGyp, 'rebuild', `--directory=${copy}`], { env });
    await rename(copy, folder);
  } catch (error) {
    throw new CannotRun(`${name} cannot be built: ${lastLine(error)}`, { cause: error });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
  return folder;
}

function lastLine(error: unknown): string | undefined {
  return String(error instanceof Error ? error.message : error)
    .trim()
    .split('\n')
    .findLast((line) => /error/i.test(line));
}
