import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

// Packages outside of the workspace, so that you download them only to test the tarballs.

/** Installers and linters. */
export const PROGRAMS: string = join(import.meta.dirname, 'programs/node_modules');

/** Runtimes for other kinds of machines. */
export const FOREIGN: string = join(import.meta.dirname, 'foreign/node_modules');

/** Bundlers and versions of TypeScript. */
export const BUNDLERS: string = join(import.meta.dirname, 'bundlers/node_modules');

/** Installs the bundlers and the versions of TypeScript, without running scripts. */
export function installBundlers(): void {
  install(join(BUNDLERS, '..'), '--ignore-scripts');
}

/** Installs the installers and linters. Fast if they are installed already. */
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
