import type { SystemError } from '@em/sys';

/**
 * Returns the error of a system call with a message that says what could not be done, and to which device. Other errors
 * stay what they are.
 *
 * @param doing - For example `'read from'`.
 * @param hint - What to do about it.
 */
export function deviceError(error: unknown, doing: string, path: string, hint: string = ''): unknown {
  if (!isSystemError(error)) {
    return error;
  }
  const { code, errno, syscall, fd } = error;
  // The error of `open` names the path at its end.
  const reason = error.message.replace(` '${path}'`, '');
  const message = `Cannot ${doing} ${path}: ${reason}${hint}`;
  const details = { code, errno, syscall, path, ...(fd === undefined ? {} : { fd }) };
  return Object.assign(new Error(message, { cause: error }), details);
}

export function isSystemError(error: unknown): error is SystemError {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'errno' in error;
}

/** What an error says if the kernel has not loaded a module. */
export function needsModule(name: string): string {
  return `; load its kernel module: modprobe ${name}`;
}
