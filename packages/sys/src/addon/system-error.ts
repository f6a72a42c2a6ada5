import { constants } from 'node:os';
import { errnoName } from './errno-names.js';

const { EAGAIN } = constants.errno;

/** What the kernel refused, in the shape of Node's own system errors. */
export interface SystemError extends Error {
  /** The name of the error: `'EBADF'`. */
  readonly code: string;
  /** The number of the error, negative. */
  readonly errno: number;
  /** The system call that failed. */
  readonly syscall: string;
  /** The file descriptor it was about. */
  readonly fd?: number;
}

/**
 * Makes the error for the `-errno` of a system call: `EBADF: bad file descriptor, epoll_ctl`.
 *
 * @param errno - Negative.
 */
export function systemError(errno: number, syscall: string, fd?: number): SystemError {
  const [code, text] = errnoName(-errno);
  const details = { code, errno, syscall, ...(fd === undefined ? {} : { fd }) };
  return Object.assign(new Error(`${code}: ${text}, ${syscall}`), details);
}

/** The result of a system call, or its error thrown. */
export function checked(result: number, syscall: string, fd?: number): number {
  if (result < 0) {
    throw systemError(result, syscall, fd);
  }
  return result;
}

/** The same, where `undefined` says that it would block. */
export function checkedUnlessBlocked(result: number, syscall: string, fd: number): number | undefined {
  return result === -EAGAIN ? undefined : checked(result, syscall, fd);
}
