import { constants } from 'node:fs';
import { checkFd, checkInteger } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { checked, checkedUnlessBlocked, systemError } from '../addon/system-error.js';
import { checkPath } from '../arguments/path.js';
import { checkRoom, checkSlice } from '../arguments/slice.js';

const { O_RDONLY } = constants;
const MAX_MODE = 0o7777;

/**
 * Opens a file, close-on-exec and non-blocking: a device, a FIFO, a file of procfs. Close it with {@link close}, or give
 * it to a class of this package. In a worker use this, not `fs.openSync`; see {@link close}.
 *
 * @param path - Text, or bytes if it is not UTF-8.
 * @param flags - `O_` constants of `fs.constants`, combined with `|`. Defaults to `O_RDONLY`.
 * @param mode - The permissions of a file that `O_CREAT` creates, 0 to 0o7777, less those in the process's umask. Defaults
 * to 0o666.
 * @returns The fd. If a worker ends and has not closed it, it is closed then.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
 * @throws SystemError with `path`: `ENOENT`, `EACCES`, `EISDIR`, `ELOOP`, `ENAMETOOLONG`; `EEXIST` for `O_EXCL`; `ENXIO`
 * if it is a socket, a device that is not there, or a FIFO without a reader, opened for writing alone; `EMFILE`, `ENFILE`
 * if there are too many open files.
 * @see {@link https://man7.org/linux/man-pages/man2/open.2.html | open(2)}
 */
export function open(path: string | Uint8Array, flags: number = O_RDONLY, mode: number = 0o666): number {
  const bytes = checkPath(path);
  checkInteger('flags', flags, 0, MAX_INT);
  checkInteger('mode', mode, 0, MAX_MODE);
  const fd = binding().open(bytes, flags, mode);
  if (fd < 0) {
    throw Object.assign(systemError(fd, 'open'), { path });
  }
  return fd;
}

/**
 * Reads from any file descriptor, in this thread and at once: a blocking fd blocks it.
 *
 * @param fd - From {@link open}, an inherited one, or any other that no class of this package stands for.
 * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
 * @returns How many bytes were read, 0 at the end, `undefined` if it would block.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 * @throws SystemError `EBADF` if the fd is not open for reading, `EISDIR`, `EIO`, `EINVAL` (an eventfd or timerfd and
 * less than 8 bytes), `ECONNRESET`.
 * @see {@link https://man7.org/linux/man-pages/man2/read.2.html | read(2)}
 */
export function read(fd: number, buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
  checkFd(fd);
  const count = checkRoom(buffer, offset, length);
  return checkedUnlessBlocked(binding().read(fd, buffer, offset, count), 'read', fd);
}

/**
 * Writes to any file descriptor, in this thread and at once: a blocking fd blocks it.
 *
 * @param length - At most so many bytes; to the end of the buffer if not given.
 * @returns How many bytes were written, which may be less than asked for, `undefined` if it would block.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 * @throws SystemError `EBADF` if the fd is not open for writing, `EPIPE` if nobody can read it any more
 * (no SIGPIPE comes with it), `ENOSPC`, `EIO`.
 * @see {@link https://man7.org/linux/man-pages/man2/write.2.html | write(2)}
 */
export function write(fd: number, buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
  checkFd(fd);
  const count = checkSlice(buffer, offset, length);
  return checkedUnlessBlocked(binding().write(fd, buffer, offset, count), 'write', fd);
}

/**
 * Closes any file descriptor that is no object's. Delete its registration first.
 *
 * Close what `fs.openSync` returned with `fs.closeSync`. When a worker ends, Node closes every number that `fs.openSync`
 * returned there and `fs.closeSync` has not closed: after `close`, that may be another file, of any thread. Deno keeps
 * such numbers in all threads: after `close`, its next file on the same number does not work.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it cannot be an fd.
 * @throws SystemError `EBADF` if it is not open.
 * @see {@link https://man7.org/linux/man-pages/man2/close.2.html | close(2)}
 */
export function close(fd: number): void {
  checked(binding().close(checkFd(fd)), 'close', fd);
}

/**
 * Makes a second file descriptor for the same open file, close-on-exec. It can be registered beside the first.
 *
 * @returns The lowest number that is free.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it cannot be an fd.
 * @throws SystemError `EBADF` if it is not open, `EMFILE` if there are too many open files.
 * @see {@link https://man7.org/linux/man-pages/man2/dup.2.html | dup(2)}
 */
export function dup(fd: number): number {
  return checked(binding().dup(checkFd(fd)), 'dup', fd);
}
