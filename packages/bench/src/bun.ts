import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CannotRun } from './question.ts';

/** A package outside of the workspace, so that you download the 40 MB of Bun only to compare with it. */
const FOLDER = join(dirname(import.meta.dirname), 'bun');
const ARCH = process.arch === 'arm64' ? 'aarch64' : process.arch;
const INSTALLED = join(FOLDER, `node_modules/@oven/bun-linux-${ARCH}/bin/bun`);

let used: string | undefined;

/**
 * Returns the Bun that `EM_BENCH_BUN` names. Without that variable, the one that the lockfile pins, which is downloaded if
 * it is not there.
 *
 * @throws CannotRun if the variable is empty, or Bun cannot be downloaded.
 */
export function bun(): string {
  const named = process.env['EM_BENCH_BUN'];
  if (named === '') {
    throw new CannotRun('EM_BENCH_BUN is empty');
  }
  if (named === undefined) {
    install();
  }
  used = named ?? INSTALLED;
  return used;
}

function install(): void {
  if (existsSync(INSTALLED)) {
    return;
  }
  const args = ['install', '--ignore-workspace', '--frozen-lockfile', '--ignore-scripts', '--silent'];
  try {
    execFileSync('pnpm', args, { cwd: FOLDER, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (cause) {
    throw new CannotRun('Bun cannot be downloaded, and EM_BENCH_BUN names none', { cause });
  }
  if (!existsSync(INSTALLED)) {
    throw new CannotRun('no Bun is published for this machine, and EM_BENCH_BUN names none');
  }
}

/** The version of the Bun that took part, or `undefined`. */
export function bunVersion(): string | undefined {
  return used && execFileSync(used, ['--version'], { encoding: 'utf8' }).trim();
}
