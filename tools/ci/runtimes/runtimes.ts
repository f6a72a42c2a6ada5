import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A runtime that the packages are tested on. */
export interface Runtime {
  /** Its key in `process.versions`. */
  readonly name: 'node' | 'bun' | 'deno';
  readonly version: string;
  readonly executable: string;
  /** The arguments before the program to run. */
  readonly options: readonly string[];
}

/** A package outside of the workspace, so that you download its 700 MB only to test on other runtimes. */
const BINARIES = join(import.meta.dirname, 'binaries');

/** Installs the runtimes for this machine. Fast if they are installed already. */
export function installRuntimes(): Runtime[] {
  const args = ['install', '--ignore-workspace', '--frozen-lockfile', '--silent'];
  execFileSync('pnpm', args, { cwd: BINARIES, stdio: 'inherit' });
  return installedRuntimes();
}

/** Returns what {@link installRuntimes} installed before. */
export function installedRuntimes(): Runtime[] {
  const { arch } = process;
  return [
    ...[20, 22, 24, 26].map((line) => runtime('node', `node${line}-linux-${arch}`, 'bin/node')),
    runtime('bun', `@oven/bun-linux-${arch === 'arm64' ? 'aarch64' : arch}`, 'bin/bun'),
    runtime('deno', `@deno/linux-${arch}-glibc`, 'deno', ['run', '--allow-all']),
  ];
}

function runtime(name: Runtime['name'], alias: string, file: string, options: readonly string[] = []): Runtime {
  const folder = join(BINARIES, 'node_modules', alias);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { name, version, executable: join(folder, file), options };
}
