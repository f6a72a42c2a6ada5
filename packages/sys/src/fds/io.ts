import { checkFd, checkInteger } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { checked, checkedUnlessBlocked, pathError } from '../addon/system-error.js';
import { checkPath, checkRoom, checkSlice } from '../arguments/check.js';
import { fs } from '../builtins.js';

const { O_RDONLY } = fs.constants;
const MAX_MODE = 0o7777;

/**
 * Opens a file, close-on-exec and non-blocking: for example a device, a FIFO or a file of procfs. Close it with
 * {@link close}, or pass it to `adopt` of a class of this package. In a worker use this instead of `fs.openSync`; see
 * {@link close}.
 *
 * @param path - A string, or bytes if the path is not UTF-8.
 * @param flags - `O_` constants of `fs.constants`, combined with `|`. Defaults to `O_RDONLY`.
 * @param mode - The permissions of a file that `O_CREAT` creates, 0 to 0o7777; the umask of the process is subtracted.
 * Defaults to 0o666.
 * @returns The fd. When a worker ends, the fds that it opened and did not close are closed.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
 * @throws SystemError with `path`: `ENOENT`, `EACCES`, `EISDIR`, `ELOOP`, `ENAMETOOLONG`; `EEXIST` for `O_EXCL`;
 * `ENXIO` for a socket, a device that does not exist, or a FIFO without a reader that is opened for writing only;
 * `EMFILE`, `ENFILE` if there are too many open files.
 * @see {@link https://man7.org/linux/man-pages/man2/open.2.html | open(2)}
 */
export function open(path: string | Uint8Array, flags: number = O_RDONLY, mode: number = 0o666): number {
  const bytes = checkPath(path);
  checkInteger('flags', flags, 0, MAX_INT);
  checkInteger('mode', mode, 0, MAX_MODE);
  const fd = binding().open(bytes, flags, mode);
  if (fd < 0) {
    throw pathError(fd, 'open', path);
  }
  return fd;
}

/** Opens two fds with a system call that fills them in. */
export function openPair(syscall: string, call: (ends: Uint32Array) => number): [number, number] {
  const ends = new Uint32Array(2);
  checked(call(ends), syscall);
  return [...ends] as [number, number];
}

/**
 * Reads from any fd, in this thread and at once. A blocking fd blocks the thread.
 *
 * @param fd - From {@link open}, an inherited fd, or any other that no fd object owns.
 * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
 * @param position - Where to read in the file, 0 to 2⁵³ − 1. The position of the file stays the same then. So 0 reads an
 * attribute of sysfs again after it has changed. Defaults to the position of the file, which moves.
 * @returns The number of bytes read, 0 at the end, `undefined` if it would block.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 * @throws SystemError `EBADF` if the fd is not open for reading, `EISDIR`, `EIO`, `EINVAL` (for example less than 8
 * bytes of an eventfd or timerfd), `ECONNRESET`; with a position `ESPIPE` for a pipe, socket or terminal.
 * @see {@link https://man7.org/linux/man-pages/man2/read.2.html | read(2)}
 * @see {@link https://man7.org/linux/man-pages/man2/pread.2.html | pread(2)}
 */
export function read(
  fd: number,
  buffer: Uint8Array,
  offset: number = 0,
  length?: number,
  position?: number,
): number | undefined {
  checkFd(fd);
  const count = checkRoom(buffer, offset, length);
  if (position !== undefined) {
    checkInteger('position', position, 0, Number.MAX_SAFE_INTEGER);
    return checkedUnlessBlocked(binding().readAt(fd, buffer, offset, count, position), 'pread', fd);
  }
  return checkedUnlessBlocked(binding().read(fd, buffer, offset, count), 'read', fd);
}

/**
 * Writes to any fd, in this thread and at once. A blocking fd blocks the thread.
 *
 * @param length - Maximum number of bytes. Defaults to the rest of the buffer.
 * @param position - Where to write in the file, 0 to 2⁵³ − 1. The position of the file stays the same then. A file that was
 * opened with `O_APPEND` is written at its end nevertheless. Defaults to the position of the file, which moves.
 * @returns The number of bytes written, which may be less than `length`; `undefined` if it would block.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 * @throws SystemError `EBADF` if the fd is not open for writing, `EPIPE` if no reader is left (no SIGPIPE is raised),
 * `ENOSPC`, `EIO`; with a position `ESPIPE` for a pipe, socket or terminal.
 * @see {@link https://man7.org/linux/man-pages/man2/write.2.html | write(2)}
 * @see {@link https://man7.org/linux/man-pages/man2/pwrite.2.html | pwrite(2)}
 */
export function write(
  fd: number,
  buffer: Uint8Array,
  offset: number = 0,
  length?: number,
  position?: number,
): number | undefined {
  checkFd(fd);
  const count = checkSlice(buffer, offset, length);
  if (position !== undefined) {
    checkInteger('position', position, 0, Number.MAX_SAFE_INTEGER);
    return checkedUnlessBlocked(binding().writeAt(fd, buffer, offset, count, position), 'pwrite', fd);
  }
  return checkedUnlessBlocked(binding().write(fd, buffer, offset, count), 'write', fd);
}

/**
 * Closes any fd that no fd object owns. Delete its registration first.
 *
 * Close what `fs.openSync` returned with `fs.closeSync`. When a worker ends, Node closes every number that
 * `fs.openSync` returned there and `fs.closeSync` did not close: after `close`, that number may stand for another file,
 * of any thread. Deno records such numbers in all threads: after `close`, its next file on the same number does not
 * work.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
 * @throws SystemError `EBADF` if the fd is not open.
 * @see {@link https://man7.org/linux/man-pages/man2/close.2.html | close(2)}
 */
export function close(fd: number): void {
  checked(binding().close(checkFd(fd)), 'close', fd);
}

/**
 * Makes a second fd for the same open file, close-on-exec. Both can be registered at the same time.
 *
 * @returns The lowest free number.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
 * @throws SystemError `EBADF` if the fd is not open, `EMFILE` if there are too many open files.
 * @see {@link https://man7.org/linux/man-pages/man2/dup.2.html | dup(2)}
 */
export function dup(fd: number): number {
  return checked(binding().dup(checkFd(fd)), 'dup', fd);
}
