import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, realpath, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BUILD, NODE_PREFIX } from './compile.ts';
import { CannotRun } from './question.ts';

const require = createRequire(import.meta.url);

/** The version of npm's `epoll` that the lockfile pins. */
export const NPM_EPOLL_VERSION: string = (require('epoll/package.json') as { version: string }).version;

let built: Promise<string> | undefined;

/**
 * Builds the addon of npm's `epoll` in a copy of the package, as its install script does, which pnpm does not run. Returns
 * its path.
 */
export function buildNpmEpoll(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const folder = join(BUILD, `epoll-${NPM_EPOLL_VERSION}-node-${process.versions.modules}`);
  const addon = join(folder, 'build/Release/epoll.node');
  if (existsSync(addon)) {
    return addon;
  }
  const epoll = await realpath(dirname(require.resolve('epoll/package.json')));
  const copy = `${folder}.${process.pid}`;
  try {
    await mkdir(copy, { recursive: true });
    await cp(epoll, copy, { recursive: true });
    // pnpm puts the dependencies of a package beside it.
    await cp(join(dirname(epoll), 'nan'), join(copy, 'node_modules/nan'), { recursive: true, dereference: true });
    const nodeGyp = require.resolve('node-gyp/bin/node-gyp.js');
    // npx sets its own value in the environment, which overrides a flag.
    const env = { ...process.env, npm_config_nodedir: NODE_PREFIX };
    await promisify(execFile)(process.execPath, [nodeGyp, 'rebuild', `--directory=${copy}`], { env });
    await rename(copy, folder);
  } catch (error) {
    throw new CannotRun(`epoll ${NPM_EPOLL_VERSION} cannot be built: ${lastLine(error)}`, { cause: error });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
  return addon;
}

function lastLine(error: unknown): string | undefined {
  return String(error instanceof Error ? error.message : error)
    .trim()
    .split('\n')
    .findLast((line) => /error/i.test(line));
}
