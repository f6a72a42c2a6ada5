import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EventManagerError } from '@em/core';
import { libcName, runtimeName } from './native/platform.js';
import { isPrivileged } from './native/privileges.js';

/**
 * Where a build of the addon may be. Written out, so that bundlers see which files belong to this one; and the same from
 * `src/` as from `dist/`, which is why this module is in no folder.
 */
type Place = () => URL;

/** What `native/build.js` makes. It is in no tarball: who has it has built it. */
const builtHere: Place = () => new URL('../native/build/Release/em_sys.node', import.meta.url);

const prebuilt: Readonly<Partial<Record<string, Place>>> = {
  arm64: () => new URL('../prebuilds/linux-arm64.node', import.meta.url),
  x64: () => new URL('../prebuilds/linux-x64.node', import.meta.url),
};

/** Names the one file to try. To fall back on another would hide that it does not load. */
const OVERRIDE = 'EM_SYS_BINDING';

/** The caller of a privileged program must not choose which code runs with the privileges of that program. */
function override(): string | undefined {
  const path = process.env[OVERRIDE];
  return path && !isPrivileged() ? path : undefined;
}

/** An addon that has been loaded, and from where. */
export interface LoadedAddon {
  readonly path: string;
  readonly exports: unknown;
}

/**
 * Loads the first build of the addon that loads.
 *
 * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux or none loads. The message lists what was
 * tried and says what to do; `cause` is an `AggregateError` of the failures.
 */
export function loadAddon(): LoadedAddon {
  if (process.platform !== 'linux') {
    throw unsupported(
      `@em/sys needs Linux; this is ${here()}. @em/core runs here with another poller, such as FakePoller of @em/testing`,
    );
  }
  const tried: string[] = [];
  const causes: unknown[] = [];
  for (const place of candidates()) {
    let path = 'a file of this package';
    try {
      path = fileURLToPath(place());
      return { path, exports: createRequire(path)(path) };
    } catch (error) {
      tried.push(`\n  ${path}: ${firstLine(error)}`);
      causes.push(error);
    }
  }
  throw unsupported(
    `@em/sys has no addon that loads on ${here()}. Tried:${tried.join('')}\n${whatToDo(causes)}`,
    new AggregateError(causes),
  );
}

function candidates(): readonly Place[] {
  const named = override();
  if (named !== undefined) {
    return [() => pathToFileURL(named)];
  }
  return [builtHere, prebuilt[process.arch]].filter((place) => place !== undefined);
}

function whatToDo(causes: readonly unknown[]): string {
  if (causes.some((cause) => codeOf(cause) === 'ERR_DLOPEN_DISABLED')) {
    return `${runtimeName()} was told to load no addons: start it without --no-addons, and with --allow-addons where there is --permission`;
  }
  if (override() !== undefined) {
    return `No other is tried while ${OVERRIDE} names one: unset it, or correct it`;
  }
  if (process.env[OVERRIDE]) {
    return `${OVERRIDE} was ignored: this process has more privileges than its caller (setuid, setgid, file capabilities), or /proc/self/auxv cannot be read`;
  }
  return prebuilt[process.arch] === undefined
    ? 'None is published for this architecture: build it, as the README of @em/sys says'
    : 'Install @em/sys anew, or build the addon, as its README says';
}

function here(): string {
  const { platform, arch } = process;
  return [platform, arch, ...(platform === 'linux' ? [libcName()] : []), runtimeName()].join(', ');
}

function unsupported(message: string, cause?: AggregateError): EventManagerError {
  return new EventManagerError('ERR_EM_UNSUPPORTED_PLATFORM', message, cause && { cause });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
