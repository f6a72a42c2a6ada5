import { EventSet } from '@em/core';
import type { InterestItem } from './interest-item.js';

/** By the name of an error: its number on Linux, and the words of Node for it. */
const ERRORS = {
  EPERM: [1, 'operation not permitted'],
  ENOENT: [2, 'no such file or directory'],
  ESRCH: [3, 'no such process'],
  EINTR: [4, 'interrupted system call'],
  EIO: [5, 'i/o error'],
  EBADF: [9, 'bad file descriptor'],
  ECHILD: [10, 'no child processes'],
  EAGAIN: [11, 'resource temporarily unavailable'],
  ENOMEM: [12, 'not enough memory'],
  EEXIST: [17, 'file already exists'],
  EACCES: [13, 'permission denied'],
  EINVAL: [22, 'invalid argument'],
  ENFILE: [23, 'file table overflow'],
  EMFILE: [24, 'too many open files'],
  ENOSPC: [28, 'no space left on device'],
  EPIPE: [32, 'broken pipe'],
  ELOOP: [40, 'too many symbolic links encountered'],
  EPROTO: [71, 'protocol error'],
  EDESTADDRREQ: [89, 'destination address required'],
  EMSGSIZE: [90, 'message too long'],
  EPROTOTYPE: [91, 'protocol wrong type for socket'],
  ENOPROTOOPT: [92, 'protocol not available'],
  EAFNOSUPPORT: [97, 'address family not supported'],
  EADDRINUSE: [98, 'address already in use'],
  EADDRNOTAVAIL: [99, 'address not available'],
  ENETUNREACH: [101, 'network is unreachable'],
  ECONNABORTED: [103, 'software caused connection abort'],
  ECONNRESET: [104, 'connection reset by peer'],
  ENOBUFS: [105, 'no buffer space available'],
  ENOTCONN: [107, 'socket is not connected'],
  ECONNREFUSED: [111, 'connection refused'],
  ECANCELED: [125, 'operation canceled'],
} as const;

/** The errors that the fake can throw. */
export type ErrorCode = keyof typeof ERRORS;

/** An error of the fake, with the properties of a system error of Node. */
export interface SystemError extends Error {
  readonly code: string;
  /** The negative error number of Linux, on any OS. */
  readonly errno: number;
  readonly syscall: string;
  /** Absent if the call has no fd. */
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

/** Whether this is an error of the fake that has one of these codes. */
export function isSystemError(error: unknown, ...codes: ErrorCode[]): error is SystemError {
  const { syscall, code } = (error ?? {}) as Partial<SystemError>;
  return syscall !== undefined && code !== undefined && codes.includes(code as ErrorCode);
}

function fakeError<C extends string>(code: C, message: string): Error & { readonly code: C } {
  return Object.assign(new Error(message), { code });
}

/** Thrown by a wait that could never end, so that the test does not hang. Its message lists the fds that are watched. */
export interface WouldBlockError extends Error {
  readonly code: 'ERR_EM_FAKE_WOULD_BLOCK';
}

export function wouldBlock(items: Iterable<InterestItem>): WouldBlockError {
  const watched = [...items].map(describe).join(', ') || 'nothing';
  return fakeError(
    'ERR_EM_FAKE_WOULD_BLOCK',
    `The wait would never end: nothing is ready, and no action is planned with after(). Watched: ${watched}`,
  );
}

/** `advance` would do nothing: no `run()` waits for its clock. */
export function notDriven(): Error {
  return fakeError(
    'ERR_EM_FAKE_NOT_DRIVEN',
    'Cannot advance the time: no manager on this poller has called run(). Call it first, or let time pass with wait()',
  );
}

/** `advance` would never end: time stands still while something is served again and again. */
export function spinning(nowMs: number, turns: number, reasons: readonly string[]): Error {
  return fakeError(
    'ERR_EM_FAKE_SPINNING',
    `Cannot advance the time beyond ${nowMs} ms: after ${turns} turns, there is still something to do there: ` +
      `${reasons.join(', ')}. Take each event in its callback, or pause its registration`,
  );
}

export function describe({ fd, events, armed }: InterestItem): string {
  return `fd ${fd} (${EventSet.format(events)}${armed ? '' : ', fired'})`;
}
