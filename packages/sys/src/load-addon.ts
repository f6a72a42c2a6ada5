import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventManagerError } from '@em/core';
import { libcName, runtimeName } from './addon/platform.js';
import { isPrivileged } from './addon/privileges.js';
import { codeOf, isFdShortage, messageOf } from './addon/thrown.js';
import { fs, v8 } from './builtins.js';

/** A bundle of CommonJS modules has no `import.meta.url`. */
const isCommonJs = typeof import.meta.url !== 'string';

/** The location of a build of the addon. ncc turns the URL into an absolute path. */
type Place = () => URL | string;

/**
 * The output of `native/build.js`. No tarball contains it, so the path is not written out: a bundler would look for a file
 * that does not exist.
 */
const builtHere: Place = () => besideModule(['..', 'native', 'build', 'Release', 'em_sys.node'].join('/'));

const prebuilt: Readonly<Partial<Record<string, Place>>> = { arm64: linuxArm64, x64: linuxX64 };

// Written out, so that bundlers and tracers copy these files. Functions with a body, because @vercel/nft ignores arrow
// functions. This module is not in a subfolder, so that the paths are the same from `src/` and from `dist/`.

function linuxArm64(): URL | string {
  return new URL('../prebuilds/linux-arm64.node', import.meta.url);
}

function linuxX64(): URL | string {
  return new URL('../prebuilds/linux-x64.node', import.meta.url);
}

/** Names the only file to try. A fallback would hide that this file does not load. */
const OVERRIDE = 'EM_SYS_BINDING';

/** The caller of a privileged program must not choose the code that runs with these privileges. */
function override(): string | undefined {
  const path = process.env[OVERRIDE];
  return path && !isPrivileged() ? path : undefined;
}

/** The number that `addon.cc` exports as `abi`. Raise both when a call changes, so that other versions are refused. */
const ABI = 13;

/** A loaded addon, and its path. */
export interface LoadedAddon {
  readonly path: string;
  readonly exports: unknown;
}

/**
 * Loads the first build of the addon that loads.
 *
 * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, if a start-up snapshot is being built, or
 * if no build loads. The message lists what was tried and what to do. `cause` is an `AggregateError` of the failures.
 * @throws SystemError `EMFILE`, `ENFILE` if no fd is free to open a file. Try again later.
 */
export function loadAddon(): LoadedAddon {
  if (process.platform !== 'linux') {
    throw unsupported(
      `@em/sys needs Linux, and this is ${here()}. Here, use @em/core with another poller, for example FakePoller of @em/testing`,
    );
  }
  if (isBuildingSnapshot()) {
    throw unsupported(
      '@em/sys cannot be used while a start-up snapshot is built: use it in the function that you pass to v8.startupSnapshot.setDeserializeMainFunction()',
    );
  }
  const tried: string[] = [];
  const causes: unknown[] = [];
  for (const place of candidates()) {
    const path = pathOf(place);
    const addon = { exports: {} };
    try {
      process.dlopen(addon, path);
      checkAbi(addon.exports);
      return { path, exports: addon.exports };
    } catch (error) {
      throwIfNoFdIsFree(path);
      tried.push(`\n  ${path}: ${firstLine(error).replace(`${path}: `, '')}`);
      causes.push(error);
    }
  }
  throw unsupported(
    `@em/sys has no addon that loads on ${here()}. It tried:${tried.join('')}\n${whatToDo(causes)}`,
    new AggregateError(causes),
  );
}

/** If a snapshot contains functions of an addon, V8 ends the process. */
function isBuildingSnapshot(): boolean {
  return process.execArgv.some(buildsSnapshot) && v8().startupSnapshot.isBuildingSnapshot();
}

/** Whether a flag of Node can build one, also for an executable. It cannot be in `NODE_OPTIONS`. */
function buildsSnapshot(flag: string): boolean {
  return flag.startsWith('--build-s') || flag.startsWith('--experimental-sea-config');
}

function checkAbi(exports: object): void {
  const abi = 'abi' in exports ? exports.abi : undefined;
  if (abi !== ABI) {
    throw new Error(
      typeof abi === 'number'
        ? `this addon belongs to another version of @em/sys: its ABI is ${abi}, not ${ABI}`
        : 'this is not the addon of @em/sys, or it belongs to an older version',
    );
  }
}

/** `dlopen` reports it only as a text of the C library. */
function throwIfNoFdIsFree(path: string): void {
  try {
    fs.closeSync(fs.openSync(path, 'r'));
  } catch (error) {
    if (isFdShortage(error)) {
      throw error;
    }
  }
}

function candidates(): readonly Place[] {
  const path = override();
  if (path !== undefined) {
    return [() => resolve(path)];
  }
  return [builtHere, prebuilt[process.arch]].filter((place) => place !== undefined);
}

function whatToDo(causes: readonly unknown[]): string {
  if (causes.some((cause) => codeOf(cause) === 'ERR_DLOPEN_DISABLED')) {
    return `${runtimeName()} is not allowed to load addons: start it without --no-addons, and with --allow-addons if you use --permission`;
  }
  if (override() !== undefined) {
    return `${OVERRIDE} names this file, so no other is tried: correct ${OVERRIDE}, or unset it`;
  }
  if (process.env[OVERRIDE]) {
    return `${OVERRIDE} was ignored: this process has more privileges than its caller (setuid, setgid, file capabilities), or /proc/self/auxv cannot be read`;
  }
  if (prebuilt[process.arch] === undefined) {
    return 'No addon is published for this architecture: build it, as the README of @em/sys describes';
  }
  return isBundled()
    ? `This is a bundle (${modulePath()}): copy the folder prebuilds of @em/sys to ${join(dirname(dirname(modulePath())), 'prebuilds')}, or set ${OVERRIDE} to the path of the addon`
    : 'Install @em/sys again, or build the addon, as its README describes';
}

/** Returns the path of this module, of the bundle that contains it, or of the executable. */
function modulePath(): string {
  if (!isCommonJs) {
    return fileURLToPath(import.meta.url);
  }
  return typeof __filename === 'string' ? __filename : process.execPath;
}

function besideModule(path: string): string {
  return resolve(dirname(modulePath()), path);
}

function pathOf(place: Place): string {
  if (isCommonJs && (place === linuxArm64 || place === linuxX64)) {
    return besideModule(`../prebuilds/linux-${process.arch}.node`);
  }
  const written = String(place());
  return written.startsWith('file:') ? fileURLToPath(written) : written;
}

/** Whether a bundler has moved this module out of the package. */
function isBundled(): boolean {
  try {
    const { name } = JSON.parse(fs.readFileSync(besideModule('../package.json'), 'utf8')) as { name?: unknown };
    return name !== '@em/sys';
  } catch {
    return true;
  }
}

function here(): string {
  const { platform, arch } = process;
  return [platform, arch, ...(platform === 'linux' ? [libcName()] : []), runtimeName()].join(', ');
}

function unsupported(message: string, cause?: AggregateError): EventManagerError {
  return new EventManagerError('ERR_EM_UNSUPPORTED_PLATFORM', message, cause && { cause });
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0] ?? '';
}
