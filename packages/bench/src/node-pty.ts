import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildCopy } from './build-copy.ts';

/** A package outside of the workspace, so that you download the 15 MB of node-pty only to compare with it. */
const FOLDER = join(dirname(import.meta.dirname), 'node-pty');
/** What only Windows needs, and sources in TypeScript. */
const NOT_NEEDED = /^(deps|prebuilds|third_party)$|\.ts$|\.test\.js$/;

/** The version of node-pty that the lockfile pins. */
export const NODE_PTY_VERSION: string | undefined = (
  JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
).dependencies['node-pty'];

/** Installs node-pty, builds it, and returns its folder. */
export function buildNodePty(): Promise<string> {
  const args = ['install', '--ignore-workspace', '--frozen-lockfile', '--ignore-scripts', '--silent'];
  execFileSync('pnpm', args, { cwd: FOLDER, stdio: 'inherit' });
  return buildCopy(join(FOLDER, 'node_modules/node-pty'), 'node-addon-api', NOT_NEEDED);
}
