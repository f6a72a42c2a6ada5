import { checkBoolean, checkFd } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import { fs } from '../builtins.js';

const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_NONBLOCK } = fs.constants;
/** These three are in asm-generic/fcntl.h, and not in `fs.constants`. */
const O_ACCMODE = 3;
const O_PATH = 0o1000_0000;
export const FD_CLOEXEC = 1;

/** The current flags of a file. Duplicates of an fd share all of them but `closeOnExec`. */
export interface FdFlags {
  /** What the file is open for. `'none'` means only its path (`O_PATH`), or only ioctl(2). */
  readonly access: 'read' | 'write' | 'readWrite' | 'none';
  /** Whether reads, writes and accepts return at once: `O_NONBLOCK`. */
  readonly nonBlocking: boolean;
  /** Whether every write goes to the end: `O_APPEND`. */
  readonly append: boolean;
  /** Whether the fd is closed when another program is executed, for example in a child process: `FD_CLOEXEC`. */
  readonly closeOnExec: boolean;
  /** All flags that duplicates share, as bits of `fs.constants`: also `O_SYNC`, `O_DIRECT`, `O_NOATIME`. */
  readonly bits: number;
}

/**
 * Returns the flags of a file.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
 * @throws SystemError `EBADF` if the fd is not open.
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
 * Makes reads, writes and accepts of a file return at once, or block. This changes the open file, and so all of its
 * fds, also those of other processes: do not change a file that you share with others, for example a terminal, unasked.
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
