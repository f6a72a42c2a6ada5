import { checkFd } from '@em/core/check';
import { checkSlice } from '../arguments/slice.js';
import { binding } from '../native/binding.js';
import { checked, checkedUnlessBlocked } from '../native/system-error.js';

/**
 * Reads from any file descriptor, in this thread and at once: a blocking fd blocks it.
 *
 * @param fd - From `fs.openSync`, an inherited one, or any other that no class of this package stands for.
 * @param length - At most so many bytes; to the end of the buffer if not given.
 * @returns How many bytes were read, 0 at the end, `undefined` if it would block.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 * @throws SystemError `EBADF` if the fd is not open for reading, `EISDIR`, `EIO`, `EINVAL` (an eventfd or timerfd and
 * less than 8 bytes), `ECONNRESET`.
 * @see {@link https://man7.org/linux/man-pages/man2/read.2.html | read(2)}
 */
export function read(fd: number, buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
  checkFd(fd);
  const count = checkSlice(buffer, offset, length);
  return checkedUnlessBlocked(binding().read(fd, buffer, offset, count), 'read', fd);
}

/**
 * Writes to any file descriptor, in this thread and at once: a blocking fd blocks it.
 *
 * @param length - At most so many bytes; to the end of the buffer if not given.
 * @returns How many bytes were written, which may be less than asked for, `undefined` if it would block.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 * @throws SystemError `EBADF` if the fd is not open for writing, `EPIPE` if nobody can read it any more, `ENOSPC`, `EIO`.
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
