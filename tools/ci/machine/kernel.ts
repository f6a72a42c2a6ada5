import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildGpioSim } from './gpio-sim.ts';
import { type KernelPackages, unpack } from './packages.ts';

/** A kernel with its modules, and busybox. */
export interface Kernel {
  /** As `uname -r` prints it. */
  readonly release: string;
  /** Where its packages are unpacked. */
  readonly root: string;
}

/** A folder that git ignores. */
const CACHE = join(import.meta.dirname, 'build');

/** Fetches a kernel, and builds the modules that it lacks. Fast if that is done already. */
export function prepareKernel(packages: KernelPackages): Kernel {
  const { release } = packages;
  const root = join(CACHE, release);
  if (!existsSync(root)) {
    // Another run may do the same at this time. A folder with the final name is complete.
    const unfinished = `${root}.${process.pid}`;
    console.log(`Fetching Linux ${release} from Debian…`);
    unpack(packages.binary, unfinished);
    console.log('Building gpio-sim…');
    buildGpioSim(packages, unfinished);
    busybox(unfinished, ['depmod', '-b', unfinished, release]);
    rmSync(join(unfinished, 'usr'), { recursive: true });
    renameSync(unfinished, root);
  }
  return { release, root };
}

/** Runs a command of the busybox that is unpacked in `root`, and returns what it prints. */
export function busybox(root: string, args: readonly string[], input: string = '', cwd: string = root): Buffer {
  return execFileSync(join(root, 'bin/busybox'), args, { cwd, input, maxBuffer: 2 ** 28, stdio: 'pipe' });
}
