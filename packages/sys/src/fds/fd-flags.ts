import { constants } from 'node:fs';
import { checkFd } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import { checkBoolean } from '../arguments/check.js';

const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_NONBLOCK } = constants;
/** These three are in asm-generic/fcntl.h, and not in `fs.constants`. */
const O_ACCMODE = 3;
const O_PATH = 0o1000_0000;
export const FD_CLOEXEC = 1;

/** How a file was opened, and what was changed since. All but `closeOnExec` is shared by the duplicates of an fd. */
export interface FdFlags {
  /** What it is open for. `'none'`: for its path alone (`O_PATH`), or for ioctl(2) alone. */
  readonly access: 'read' | 'write' | 'readWrite' | 'none';
  /** Whether reads, writes and accepts return at once: `O_NONBLOCK`. */
  readonly nonBlocking: boolean;
  /** Whether every write goes to the end: `O_APPEND`. */
  readonly append: boolean;
  /** Whether a program that is started in place of this one, as in a child process, does not get it: `FD_CLOEXEC`. */
  readonly closeOnExec: boolean;
  /** All that duplicates share, these included, as in `fs.constants`: `O_SYNC`, `O_DIRECT`, `O_NOATIME`. */
  readonly bits: number;
}

/**
 * Tells how a file was opened.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it cannot be an fd.
 * @throws SystemError `EBADF` if it is not open.
 * @see {@link https://man7.org/linux/man-pages/man2/fcntl.2.html | fcntl(2)}
 */
export function getFlags(fd: number): FdFlags {
  const bits = checked(binding().getFlags(checkFd(fd)), 'fcntl', fd);
  const ofFd = checked(binding().getFdFlags(fd), 'fcntl', fd);
  return {
    access: accessOf(bits),
    nonBlocking: (bits & O_NONBLOCK) !== 0,
    append: (bits & O_APPEND) !== 0,
    closeOnExec: (ofFd & FD_CLOEXEC) !== 0,
    bits,
  };
}

/**
 * Has reads, writes and accepts of a file return at once, or block. It is the open file that changes, and with it all of
 * its fds, those of other processes included: of one that is not yours alone, such as a terminal, ask first.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 * @throws SystemError `EBADF` if the fd is not open.
 */
export function setNonBlocking(fd: number, nonBlocking: boolean): void {
  checkBoolean('nonBlocking', nonBlocking);
  const { bits } = getFlags(fd);
  const wanted = nonBlocking ? bits | O_NONBLOCK : bits & ~O_NONBLOCK;
  checked(binding().setFlags(fd, wanted), 'fcntl', fd);
}

function accessOf(bits: number): FdFlags['access'] {
  switch (bits & (O_ACCMODE | O_PATH)) {
    case O_RDONLY:
      return 'read';
    case O_WRONLY:
      return 'write';
    case O_RDWR:
      return 'readWrite';
    default:
      return 'none';
  }
}
