import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A kernel in the packages of Debian. */
export interface KernelPackages {
  /** As `uname -r` prints it, for example `6.1.0-56-amd64`. */
  readonly release: string;
  /** The series, for example `6.1`. */
  readonly series: string;
  /** The image, busybox to start it, and what builds modules for it. */
  readonly binary: readonly string[];
  /** The sources. */
  readonly source: string;
}

/** Returns the newest kernel of this version of Debian, as apt knows it. */
export function newestKernel(): KernelPackages {
  const image = dependencies('linux-image-amd64').find((name) => name.startsWith('linux-image-'));
  const [, release, series] = /^linux-image-((\d+\.\d+)\..*)$/.exec(image ?? '') ?? [];
  if (image === undefined || release === undefined || series === undefined) {
    throw new Error('Cannot find the package linux-image-amd64: run apt-get update');
  }
  const headers = `linux-headers-${release}`;
  const built = dependencies(headers).filter((name) => /^linux-(headers|kbuild)-/.test(name));
  const libraries = built.flatMap(dependencies).filter((name) => name.startsWith('libelf'));
  const binary = [image, 'busybox-static', headers, ...built, ...libraries];
  return { release, series, binary, source: `linux-source-${series}` };
}

/** Fetches packages, and unpacks them in a folder. Installs nothing, so it needs no privilege. */
export function unpack(packages: readonly string[], folder: string): void {
  const downloads = join(folder, 'downloads');
  mkdirSync(downloads, { recursive: true });
  const options = ['--quiet', '--quiet', '--option', 'APT::Sandbox::User=root'];
  try {
    execFileSync('apt-get', [...options, 'download', ...packages], { cwd: downloads, stdio: 'inherit' });
  } catch (error) {
    throw new Error(`Cannot fetch ${packages.join(', ')} from Debian: run apt-get update`, { cause: error });
  }
  for (const file of globSync('*.deb', { cwd: downloads })) {
    execFileSync('dpkg-deb', ['--extract', join(downloads, file), folder]);
  }
  rmSync(downloads, { recursive: true });
}

function dependencies(name: string): string[] {
  const env = { ...process.env, LC_ALL: 'C' };
  const output = execFileSync('apt-cache', ['depends', '--important', name], { encoding: 'utf8', env });
  return Array.from(output.matchAll(/^ +Depends: (\S+)$/gm), ([, dependency = '']) => dependency);
}
