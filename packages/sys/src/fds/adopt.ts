import { EventManagerError } from '@em/core';
import { checkFd } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import { fs } from '../builtins.js';
import { FD_CLOEXEC, getFlags, setNonBlocking } from './fd-flags.js';
import { type FdClass, fdObject, type OwnedFd } from './owned-fd.js';

const { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK } = fs.constants;

const TYPES: ReadonlyMap<number, string> = new Map([
  [S_IFSOCK, 'a socket'],
  [S_IFREG, 'a regular file'],
  [S_IFDIR, 'a directory'],
  [S_IFCHR, 'a character device'],
  [S_IFBLK, 'a block device'],
  [S_IFLNK, 'a symbolic link'],
]);
const PIPES = {
  read: 'the read end of a pipe',
  write: 'the write end of a pipe',
  readWrite: 'both ends of a pipe',
  none: 'the path of a pipe, opened with O_PATH',
} as const;
/** Files without an inode of their own, by the name that `/proc/self/fd` shows. */
const ANONYMOUS: ReadonlyMap<string, string> = new Map([
  ['eventfd', 'an eventfd'],
  ['timerfd', 'a timerfd'],
  ['pidfd', 'a pidfd'],
  ['inotify', 'an inotify instance'],
  ['eventpoll', 'an epoll instance'],
  ['signalfd', 'a signalfd'],
  ['perf_event', 'a perf event'],
]);

/**
 * Returns what an fd stands for, for example `'a timerfd'`; `undefined` if the kernel does not say, as without `/proc`.
 *
 * @throws SystemError `EBADF` if it is not open.
 */
export function kindOf(fd: number): string | undefined {
  const type = checked(binding().fileType(fd), 'fstat', fd);
  if (type === S_IFIFO) {
    return PIPES[getFlags(fd).access];
  }
  return anonymousKind(fd) ?? TYPES.get(type);
}

/**
 * Makes an object of an fd that exists: sets close-on-exec and `O_NONBLOCK`, and takes the fd over. If it throws, the
 * fd is unchanged and still the caller's.
 *
 * @param expected - What the fd has to stand for: one of the names that `kindOf` returns.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
 * @throws EventManagerError `ERR_EM_WRONG_KIND` if it stands for something else.
 * @throws SystemError `EBADF` if it is not open, `EMFILE` if it needs another number and there are too many open files.
 */
export function adopt<T extends OwnedFd>(
  type: FdClass<T>,
  fd: number,
  expected: readonly string[],
  kind: (fd: number) => string | undefined = kindOf,
): T {
  const actual = kind(checkFd(fd));
  if (actual !== undefined && !expected.includes(actual)) {
    const message = `Cannot adopt fd ${fd}: it is ${actual}, not ${expected[0]}`;
    throw Object.assign(new EventManagerError('ERR_EM_WRONG_KIND', message), { fd });
  }
  const native = binding();
  const { bits, closeOnExec } = getFlags(fd);
  try {
    checked(native.setFdFlags(fd, FD_CLOEXEC), 'fcntl', fd);
    setNonBlocking(fd, true);
    return fdObject(type, fd);
  } catch (error) {
    native.setFdFlags(fd, closeOnExec ? FD_CLOEXEC : 0);
    native.setFlags(fd, bits);
    throw error;
  }
}

function anonymousKind(fd: number): string | undefined {
  const [, name] = /^anon_inode:\[?([^\]]+)/.exec(linkOf(fd)) ?? [];
  return name === undefined ? undefined : (ANONYMOUS.get(name) ?? `a file of the kind "${name}"`);
}

function linkOf(fd: number): string {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // There is no /proc, or the runtime may not read it.
  }
}
