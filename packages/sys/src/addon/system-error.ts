import { constants } from 'node:os';
import { errnoName } from './errno-names.js';

const { EAGAIN } = constants.errno;

/** The kernel refused a system call. Has the same properties as the system errors of Node. */
export interface SystemError extends Error {
  /** The name of the error, for example `'EBADF'`. */
  readonly code: string;
  /** The number of the error, negative. */
  readonly errno: number;
  /** The system call that failed. */
  readonly syscall: string;
  /** The fd of the call. */
  readonly fd?: number;
}

/**
 * Returns the error for the `-errno` of a system call, for example `EBADF: bad file descriptor, epoll_ctl`.
 *
 * @param errno - Negative.
 */
export function systemError(errno: number, syscall: string, fd?: number): SystemError {
  const [code, text] = errnoName(-errno);
  const details = { code, errno, syscall, ...(fd === undefined ? {} : { fd }) };
  return Object.assign(new Error(`${code}: ${text}, ${syscall}`), details);
}

/**
 * Returns the error of a system call with a path, which the message names as in the errors of Node: `ENOENT: no such file
 * or directory, open '/dev/ttyUSB0'`.
 */
export function pathError(errno: number, syscall: string, path: string | Uint8Array, fd?: number): SystemError {
  const text = typeof path === 'string' ? path : Buffer.from(path).toString();
  const error = systemError(errno, syscall, fd);
  return Object.assign(error, { message: `${error.message} '${text}'`, path });
}

/** Returns the result of a system call, or throws its error. */
export function checked(result: number, syscall: string, fd?: number): number {
  if (result < 0) {
    throw systemError(result, syscall, fd);
  }
  return result;
}

/** The same, but returns `undefined` if the call would block. */
export function checkedUnlessBlocked(result: number, syscall: string, fd: number): number | undefined {
  return result === -EAGAIN ? undefined : checked(result, syscall, fd);
}
