import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildCopy } from './build-copy.ts';

const require = createRequire(import.meta.url);
const MANIFEST = require.resolve('epoll/package.json');

/** The version of npm's `epoll` that the lockfile pins. */
export const NPM_EPOLL_VERSION: string = (require(MANIFEST) as { version: string }).version;

let built: Promise<string> | undefined;

/** Builds the addon of npm's `epoll`, and returns its path. */
export async function buildNpmEpoll(): Promise<string> {
  built ??= buildCopy(dirname(MANIFEST), 'nan');
  return join(await built, 'build/Release/epoll.node');
}
