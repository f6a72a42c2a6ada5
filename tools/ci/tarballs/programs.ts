import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

// Packages of their own, outside of the workspace: only those download them who try the tarballs.

/** Installers and linters. */
export const PROGRAMS: string = join(import.meta.dirname, 'programs/node_modules');

/** Runtimes for other kinds of machines than this one. */
export const FOREIGN: string = join(import.meta.dirname, 'foreign/node_modules');

/** Bundlers, and versions of TypeScript. */
export const BUNDLERS: string = join(import.meta.dirname, 'bundlers/node_modules');

/** Installs the bundlers and the versions of TypeScript. None needs a script of its own. */
export function installBundlers(): void {
  install(join(BUNDLERS, '..'), '--ignore-scripts');
}

/** Installs the installers and linters, which takes no time when they are there. */
export function installPrograms(): void {
  install(join(PROGRAMS, '..'));
}

/** Installs the runtimes for other kinds of machines. */
export function installForeign(): void {
  install(join(FOREIGN, '..'), '--cpu=arm64', '--cpu=x64', '--libc=glibc', '--libc=musl');
}

function install(cwd: string, ...flags: readonly string[]): void {
  const args = ['install', '--ignore-workspace', '--frozen-lockfile', '--silent', ...flags];
  execFileSync('pnpm', args, { cwd, stdio: 'inherit' });
}
