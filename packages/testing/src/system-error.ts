/** What Linux calls it, its number, and how Node words it. */
const ERRORS = {
  EPERM: [1, 'operation not permitted'],
  ENOENT: [2, 'no such file or directory'],
  EINTR: [4, 'interrupted system call'],
  EBADF: [9, 'bad file descriptor'],
  EAGAIN: [11, 'resource temporarily unavailable'],
  ENOMEM: [12, 'not enough memory'],
  EEXIST: [17, 'file already exists'],
  EINVAL: [22, 'invalid argument'],
  EMFILE: [24, 'too many open files'],
  ENOSPC: [28, 'no space left on device'],
  EPIPE: [32, 'broken pipe'],
  ELOOP: [40, 'too many symbolic links encountered'],
  ECONNRESET: [104, 'connection reset by peer'],
} as const;

/** The errors that the fake kernel knows. */
export type ErrorCode = keyof typeof ERRORS;

/** An error of the fake kernel, in the shape of Node's own system errors. */
export interface SystemError extends Error {
  readonly code: ErrorCode;
  /** The negative of what Linux numbers it, on any OS. */
  readonly errno: number;
  readonly syscall: string;
  /** Absent where the call has no fd. */
  readonly fd?: number;
}

export function systemError(code: ErrorCode, syscall: string, fd?: number): SystemError {
  const [number, text] = ERRORS[code];
  const properties = { code, errno: -number, syscall };
  return Object.assign(
    new Error(`${code}: ${text}, ${syscall}`),
    fd === undefined ? properties : { ...properties, fd },
  );
}

/** Whether something thrown is the fake kernel's error of one of these codes. */
export function isSystemError(error: unknown, ...codes: ErrorCode[]): error is SystemError {
  const { syscall, code } = (error ?? {}) as Partial<SystemError>;
  return syscall !== undefined && code !== undefined && codes.includes(code);
}
